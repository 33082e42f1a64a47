# SPDX-License-Identifier: Apache-2.0
#
# kpu_check_tool(<name> <program> <option> <oldest>): stops the configuration with one line if the program, asked for
# its version with the option, is older than the oldest version that this project supports (docs/portability.md).

function(kpu_check_tool name program option oldest)
  execute_process(COMMAND ${program} ${option} OUTPUT_VARIABLE text ERROR_VARIABLE text RESULT_VARIABLE result)
  if(NOT text MATCHES "${name}[A-Za-z ]* ([0-9]+[.][0-9]+)")
    # Some builds of Verilator print none.
    message(WARNING "${program} ${option}: tells no version: expected ${name} ${oldest} or newer")
  elseif(CMAKE_MATCH_1 VERSION_LESS oldest)
    message(FATAL_ERROR "${name} ${CMAKE_MATCH_1} is too old: expected ${oldest} or newer (${program})")
  endif()
endfunction()

# kpu_check_compiler(<CMake's name> <oldest> ...): the same for the C++ compiler, whichever of them it is.
function(kpu_check_compiler)
  while(ARGN)
    list(POP_FRONT ARGN id oldest)
    if(CMAKE_CXX_COMPILER_ID STREQUAL id AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS oldest)
      message(FATAL_ERROR
        "C++ compiler ${id} ${CMAKE_CXX_COMPILER_VERSION} is too old: expected ${oldest} or newer")
    endif()
  endwhile()
endfunction()
