# SPDX-License-Identifier: Apache-2.0
#
# The RTL as a C++ library: Verilator writes C++, the build tool compiles it in parallel.
#
# Verilator decides itself how many files it writes, while a build graph wants names beforehand.
# VerilateToParts.cmake therefore gathers its output in a fixed number of parts.

include(KpuProfile)
find_program(VERILATOR verilator REQUIRED)
kpu_check_tool(Verilator ${VERILATOR} --version 5.006)
find_program(YOSYS yosys)  # of tests and of `make synth`
if(YOSYS)
  kpu_check_tool(Yosys ${YOSYS} -V 0.23)
endif()
execute_process(COMMAND ${VERILATOR} --getenv VERILATOR_ROOT
  OUTPUT_VARIABLE KPU_VERILATOR_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

# The folder that holds rtl/kpu.f and what it names: this one, or an instrumented copy (mutation/).
set(KPU_RTL_ROOT ${PROJECT_SOURCE_DIR} CACHE PATH "Where the RTL is read from")

option(KPU_COVERAGE "Count what of the RTL is executed; programs write to the folder KPU_COVERAGE_DIR" OFF)
option(KPU_TOGGLE "With KPU_COVERAGE: count toggles of all signals up to 64 bits, too" OFF)

# kpu_verilate(<target> TOP <module> [TRACE] [FLAGS <flags>] [SOURCES <files>] [COVER <names>] [FAST <n>] [SLOW <n>]):
# static library of class V<module>, made from rtl/kpu.f and further files, compiled in FAST + SLOW pieces. TRACE: it
# can record waves, which is a third of the code of a whole machine.
# COVER names the files of tests/coverage whose points go into a coverage build.
function(kpu_verilate target)
  cmake_parse_arguments(ARG "TRACE" "TOP;FAST;SLOW" "FLAGS;SOURCES;COVER" ${ARGN})
  foreach(count FAST SLOW)
    if(NOT ARG_${count})
      set(ARG_${count} 1)
    endif()
  endforeach()
  set(dir ${CMAKE_BINARY_DIR}/verilated/${target})
  file(MAKE_DIRECTORY ${dir})
  set(prefix V${ARG_TOP})
  file(GLOB_RECURSE rtl_sources CONFIGURE_DEPENDS
    ${KPU_RTL_ROOT}/rtl/*.sv ${KPU_RTL_ROOT}/rtl/*.svh ${KPU_RTL_ROOT}/rtl/*.vlt ${KPU_RTL_ROOT}/rtl/kpu.f)

  set(flags --cc --top-module ${ARG_TOP} --prefix ${prefix} --Mdir ${dir}
    -Wall -O3 --x-assign fast --x-initial unique
    --output-split 20000 --output-split-cfuncs 5000 ${ARG_FLAGS})
  # Verilator 5.006 makes a loop of a copy of 40 words or more, and may split the function between the loop and its
  # variable (its pull request 4062 does not): copies of up to 1000 words stay copies.
  list(APPEND flags --reloop-limit 1000)
  if(ARG_TRACE)
    list(APPEND flags --trace-fst --trace-structs --trace-max-array 64 --trace-max-width 1024)
  endif()
  # Said either way: Verilator 5.048 and later check them if nothing is said.
  if(KPU_RTL_ASSERT)
    list(APPEND flags --assert)
  else()
    list(APPEND flags --no-assert)
  endif()
  if(NOT KPU_WERROR)
    list(APPEND flags -Wno-fatal)
  endif()
  if(KPU_COVERAGE)
    list(APPEND flags --coverage-line --coverage-user -Wno-DECLFILENAME
      -I${PROJECT_SOURCE_DIR}/tests/coverage)
    foreach(name ${ARG_COVER})
      list(APPEND flags ${PROJECT_SOURCE_DIR}/tests/coverage/${name}_cover.sv)
      list(APPEND rtl_sources ${PROJECT_SOURCE_DIR}/tests/coverage/${name}_cover.sv)
    endforeach()
    if(KPU_TOGGLE)
      list(APPEND flags --coverage-toggle --coverage-max-width 64)
    endif()
  endif()

  set(parts)
  foreach(kind fast slow)
    string(TOUPPER ${kind} upper)
    math(EXPR last "${ARG_${upper}} - 1")
    foreach(i RANGE ${last})
      list(APPEND parts ${dir}/part_${kind}${i}.cpp)
    endforeach()
  endforeach()
  set(slow_parts ${parts})
  # Start-up and tracing: compile time matters, run time does not.
  list(FILTER slow_parts INCLUDE REGEX part_slow)
  set_source_files_properties(${slow_parts} PROPERTIES COMPILE_OPTIONS -O0)

  add_custom_command(
    OUTPUT ${parts} ${dir}/${prefix}.h
    COMMAND ${CMAKE_COMMAND}
      "-DVERILATOR=${VERILATOR}" "-DFLAGS=${flags}" -DDIR=${dir} -DPREFIX=${prefix}
      -DFILE_LIST=${KPU_RTL_ROOT}/rtl/kpu.f -DROOT=${KPU_RTL_ROOT}
      "-DSOURCES=${ARG_SOURCES}" -DFAST=${ARG_FAST} -DSLOW=${ARG_SLOW}
      -P ${PROJECT_SOURCE_DIR}/cmake/VerilateToParts.cmake
    DEPENDS ${rtl_sources} ${ARG_SOURCES} ${PROJECT_SOURCE_DIR}/cmake/VerilateToParts.cmake
    COMMENT "Verilating ${ARG_TOP} (${target})"
    VERBATIM)

  add_library(${target} STATIC ${parts} ${dir}/${prefix}.h)
  target_include_directories(${target} SYSTEM PUBLIC ${dir})
  target_link_libraries(${target} PUBLIC kpu_verilator_runtime)
  # Generated code: not ours to warn about.
  target_compile_options(${target} PRIVATE -w -fno-semantic-interposition)
  set_target_properties(${target} PROPERTIES KPU_GENERATED ON)
  kpu_profile(${target})
endfunction()

# The simulator's own run-time library, once for all Verilated models.
find_package(ZLIB REQUIRED)
find_library(KPU_LZ4_LIBRARY lz4 REQUIRED)  # not used before Verilator 5.048
set(inc ${KPU_VERILATOR_ROOT}/include)
if(KPU_PREBUILT)
  kpu_prebuilt(kpu_verilator_runtime)
  set(reach INTERFACE)
else()
  add_library(kpu_verilator_runtime STATIC
    ${inc}/verilated.cpp ${inc}/verilated_cov.cpp ${inc}/verilated_fst_c.cpp
    ${inc}/verilated_threads.cpp)
  target_compile_options(kpu_verilator_runtime PRIVATE -w)
  set_target_properties(kpu_verilator_runtime PROPERTIES KPU_GENERATED ON)
  set(reach PUBLIC)
endif()
target_include_directories(kpu_verilator_runtime SYSTEM ${reach} ${inc} ${inc}/vltstd)
target_compile_definitions(kpu_verilator_runtime ${reach} VM_TRACE=1 VM_TRACE_FST=1 VM_SC=0
  VM_COVERAGE=$<BOOL:${KPU_COVERAGE}>)
target_link_libraries(kpu_verilator_runtime ${reach} ZLIB::ZLIB ${KPU_LZ4_LIBRARY} Threads::Threads
  $<$<CXX_COMPILER_ID:Clang>:atomic>)  # which g++ brings along
