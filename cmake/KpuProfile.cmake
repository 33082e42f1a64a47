# SPDX-License-Identifier: Apache-2.0
#
# Profile-guided optimisation of what Verilator writes, `make profiled`: the same build folder is built twice, once to
# record how often what runs, once to use that.

set(KPU_PROFILE OFF CACHE STRING "Profile of the simulation's C++: OFF, RECORD (a run of the tool writes it), USE")
set_property(CACHE KPU_PROFILE PROPERTY STRINGS OFF RECORD USE)
if(NOT KPU_PROFILE MATCHES "^(OFF|RECORD|USE)$")
  message(FATAL_ERROR "KPU_PROFILE is ${KPU_PROFILE}; expected OFF, RECORD or USE")
endif()

# kpu_profile(<target>): the options of KPU_PROFILE for a library of generated C++. g++ keeps its counts beside each
# object, clang in the folder profile/ of the build, where kpu.profdata is what llvm-profdata merges of them.
function(kpu_profile target)
  if(KPU_PROFILE STREQUAL OFF)
    return()
  endif()
  set(folder ${CMAKE_BINARY_DIR}/profile)
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    set(record -fprofile-generate=${folder})
    set(use -fprofile-use=${folder}/kpu.profdata)
  else()
    set(record -fprofile-generate)
    set(use -fprofile-use -fprofile-partial-training)
  endif()
  if(KPU_PROFILE STREQUAL RECORD)
    target_compile_options(${target} PRIVATE ${record})
    target_link_options(${target} PUBLIC ${record})
  else()
    target_compile_options(${target} PRIVATE ${use})
  endif()
  # The counts belong to one object file: none from a cache.
  set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "")
endfunction()
