# SPDX-License-Identifier: Apache-2.0
#
# kpu_add_test(<name> [PIECES] SOURCES <files> [APART <files>] LIBS <targets> [LABELS <label>]): a Catch2 program (version 2
# or 3) of which ctest knows every test case as "<name>: <case>". PIECES: up to eight of its files are compiled at once
# (cmake/KpuRoom.cmake), so that what is in their unnamed namespaces has
# different names; the files after APART are compiled by themselves.
find_package(Catch2 REQUIRED)
include(Catch)

if(TARGET Catch2::Catch2WithMain)
  set(KPU_CATCH_MAIN Catch2::Catch2WithMain)
else()
  add_library(kpu_catch_main STATIC ${PROJECT_SOURCE_DIR}/tests/support/catch2_main.cpp)
  target_link_libraries(kpu_catch_main PUBLIC Catch2::Catch2)
  set(KPU_CATCH_MAIN kpu_catch_main)
endif()

function(kpu_add_test name)
  cmake_parse_arguments(ARG "PIECES" "" "SOURCES;APART;LIBS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES} ${ARG_APART})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} ${KPU_CATCH_MAIN})
  if(ARG_PIECES)
    kpu_pieces(${name})
    set_source_files_properties(${ARG_APART} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  # Examples and the optional data folder are found from the root of the repository.
  target_compile_definitions(${name} PRIVATE KPU_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    KPU_BINARY_DIR="${CMAKE_BINARY_DIR}")
  set(properties TIMEOUT 300)
  if(ARG_LABELS)
    list(APPEND properties LABELS ${ARG_LABELS})
  endif()
  catch_discover_tests(${name} TEST_PREFIX "${name}: " PROPERTIES ${properties})
endfunction()
