# SPDX-License-Identifier: Apache-2.0
#
# A room: one folder, one library, and what it may use.
#
# kpu_room(<target> [INTERFACE] [SHAPED] [COLD] [APART] SOURCES <files> [USES <rooms>] [PUBLIC <libraries>] [PRIVATE <libraries>]
#          [OPTIONS <options>]):
# static library <target> of the current folder. USES names the rooms whose headers it includes; a
# header of any other room is an error that the test "rooms" finds (scripts/check_rooms.py reads the
# list that this function writes to the build folder). PUBLIC and PRIVATE are libraries from outside,
# OPTIONS the compiler's. SHAPED: what is compiled depends on the configuration of the RTL.
# COLD: nothing in it takes long, so that it is compiled with -O1, which takes a quarter less time than -O2. APART: without pieces (below).
#
# With KPU_PREBUILT, the build folder of another configuration of the same sources, only SHAPED rooms
# are compiled; the others are that folder's libraries as they are. A further shape then costs its
# Verilated model and a link (docs/exploring.md).
set(KPU_PREBUILT "" CACHE PATH "Build folder whose libraries are taken for all that does not depend on the shape")

# With KPU_PIECES, up to eight files of a room are compiled at once: most of a small file's time goes into the headers, which
# they share (docs/performance.md). Names in unnamed namespaces are then unique in a room. Files and rooms with options of
# their own stay apart: their speed matters, not that of the compiler.
option(KPU_PIECES "Compile up to eight files of a room at once; OFF: each by itself" ON)

# kpu_pieces(<target>): does so for a library or program.
function(kpu_pieces target)
  if(KPU_PIECES)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    # g++ takes what a piece includes for headers, in which an unnamed namespace would be a mistake.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

set(KPU_ROOMS_FILE ${CMAKE_BINARY_DIR}/rooms.txt)
file(WRITE ${KPU_ROOMS_FILE} "")

# kpu_prebuilt(<target> [<libraries>]): <target> is the library of KPU_PREBUILT in the current folder.
function(kpu_prebuilt target)
  file(RELATIVE_PATH folder ${CMAKE_BINARY_DIR} ${CMAKE_CURRENT_BINARY_DIR})
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION ${KPU_PREBUILT}/${folder}/lib${target}.a INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()

function(kpu_room target)
  cmake_parse_arguments(ARG "INTERFACE;SHAPED;COLD;APART" "" "SOURCES;USES;PUBLIC;PRIVATE;OPTIONS" ${ARGN})
  if(ARG_INTERFACE)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${ARG_USES} ${ARG_PUBLIC})
  elseif(KPU_PREBUILT AND NOT ARG_SHAPED)
    kpu_prebuilt(${target} ${ARG_USES} ${ARG_PUBLIC} ${ARG_PRIVATE})
  else()
    add_library(${target} STATIC ${ARG_SOURCES})
    target_link_libraries(${target} PUBLIC ${ARG_USES} ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
    target_compile_options(${target} PRIVATE ${ARG_OPTIONS})
    if(ARG_COLD)
      target_compile_options(${target} PRIVATE -O1)
    endif()
    if(NOT ARG_OPTIONS AND NOT ARG_APART)
      kpu_pieces(${target})
    endif()
  endif()
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  list(JOIN ARG_USES " " uses)
  file(APPEND ${KPU_ROOMS_FILE} "${target} ${folder} ${uses}\n")
endfunction()
