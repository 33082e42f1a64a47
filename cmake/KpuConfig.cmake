# SPDX-License-Identifier: Apache-2.0
#
# Configurations of the RTL (configs/*.json), checked and resolved by scripts/configs.py.
#
# kpu_read_config(<name or file> <variable>): sets <variable> to the text of scripts/configs.py json,
# which has all parameters in it. A configuration that is not right stops the configuring.
# kpu_config_flags(<text> <variable> [<name> ...]): Verilator's flags for its parameters, without
# those that are named.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
file(GLOB KPU_CONFIG_FILES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/configs/*.json)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${KPU_CONFIG_FILES}
  ${PROJECT_SOURCE_DIR}/configs/schema/configuration.json ${PROJECT_SOURCE_DIR}/scripts/configs.py)

function(kpu_read_config config variable)
  execute_process(COMMAND ${Python3_EXECUTABLE} scripts/configs.py json ${config}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    OUTPUT_VARIABLE text ERROR_VARIABLE error RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${error}")
  endif()
  string(JSON path GET "${text}" path)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

function(kpu_config_flags text variable)
  set(flags)
  string(JSON count LENGTH "${text}" parameters)
  math(EXPR last "${count} - 1")
  foreach(i RANGE ${last})
    string(JSON name MEMBER "${text}" parameters ${i})
    string(JSON value GET "${text}" parameters ${name})
    if(NOT name IN_LIST ARGN)
      list(APPEND flags -G${name}=${value})
    endif()
  endforeach()
  set(${variable} ${flags} PARENT_SCOPE)
endfunction()
