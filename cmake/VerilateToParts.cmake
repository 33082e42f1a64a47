# SPDX-License-Identifier: Apache-2.0
#
# Runs Verilator and gathers the C++ it writes in part_fast<i>.cpp and part_slow<i>.cpp, of about
# equal size, so that a build graph knows the names beforehand. A part is only touched when its
# text changes. Input: VERILATOR, FLAGS, DIR, PREFIX, FILE_LIST, SOURCES, ROOT, FAST, SLOW.
cmake_minimum_required(VERSION 3.22)

file(MAKE_DIRECTORY ${DIR})
file(GLOB stale ${DIR}/${PREFIX}*.cpp ${DIR}/${PREFIX}*.h)
if(stale)
  file(REMOVE ${stale})
endif()

execute_process(COMMAND ${VERILATOR} ${FLAGS} -Irtl rtl/lint.vlt -f ${FILE_LIST} ${SOURCES}
  WORKING_DIRECTORY ${ROOT} RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "Verilator failed on ${FILE_LIST}")
endif()

file(GLOB generated RELATIVE ${DIR} ${DIR}/${PREFIX}*.cpp)
set(fast_files)
set(slow_files)
foreach(name IN LISTS generated)
  if(name MATCHES "Slow|__Syms|__Trace|Dpi")
    list(APPEND slow_files ${name})
  else()
    list(APPEND fast_files ${name})
  endif()
endforeach()

# Largest file first, each goes to the part that is smallest so far.
function(write_parts kind count)
  math(EXPR last "${count} - 1")
  foreach(i RANGE ${last})
    set(text${i} "")
    set(size${i} 0)
  endforeach()
  set(by_size)
  foreach(name IN LISTS ARGN)
    file(SIZE ${DIR}/${name} bytes)
    list(APPEND by_size "${bytes} ${name}")
  endforeach()
  list(SORT by_size COMPARE NATURAL ORDER DESCENDING)
  foreach(entry IN LISTS by_size)
    separate_arguments(entry)
    list(POP_FRONT entry bytes name)
    set(best 0)
    foreach(i RANGE ${last})
      if(size${i} LESS size${best})
        set(best ${i})
      endif()
    endforeach()
    math(EXPR size${best} "${size${best}} + ${bytes}")
    string(APPEND text${best} "#include \"${name}\"\n")
  endforeach()
  foreach(i RANGE ${last})
    file(WRITE ${DIR}/part_${kind}${i}.cpp "${text${i}}")
  endforeach()
endfunction()

write_parts(fast ${FAST} ${fast_files})
write_parts(slow ${SLOW} ${slow_files})
