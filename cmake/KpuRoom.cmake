# SPDX-License-Identifier: Apache-2.0
#
# A room: one folder, one library, and what it may use.
#
# kpu_room(<target> [INTERFACE] SOURCES <files> [USES <rooms>] [PUBLIC <libraries>] [PRIVATE <libraries>]):
# static library <target> of the current folder. USES names the rooms whose headers it includes; a
# header of any other room is an error that the test "rooms" finds (scripts/check_rooms.py reads the
# list that this function writes to the build folder). PUBLIC and PRIVATE are libraries from outside.

set(KPU_ROOMS_FILE ${CMAKE_BINARY_DIR}/rooms.txt)
file(WRITE ${KPU_ROOMS_FILE} "")

function(kpu_room target)
  cmake_parse_arguments(ARG "INTERFACE" "" "SOURCES;USES;PUBLIC;PRIVATE" ${ARGN})
  if(ARG_INTERFACE)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${ARG_USES} ${ARG_PUBLIC})
  else()
    add_library(${target} STATIC ${ARG_SOURCES})
    target_link_libraries(${target} PUBLIC ${ARG_USES} ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  endif()
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  list(JOIN ARG_USES " " uses)
  file(APPEND ${KPU_ROOMS_FILE} "${target} ${folder} ${uses}\n")
endfunction()
