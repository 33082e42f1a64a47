# SPDX-License-Identifier: Apache-2.0
#
# What `cmake --install` gives beside the tool's own build: two libraries, each shared and static, with headers, a
# CMake package (find_package(openkpu)) and a pkg-config file.
#
#   openkpu::golden  the golden model, C++20: headers under include/openkpu, as they are named here ("golden/kpu/arith.h")
#   openkpu::system  the RTL in its system, C: openkpu.h; its shared library shows nothing but that header's functions
#
# openkpu::golden_static and openkpu::system_static are the same as archives.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
find_package(fmt REQUIRED)

# kpu_install_library(<name> DESCRIPTION <text> SOVERSION <n> ROOMS <targets> INCLUDE <folder of include/>
#   [USES <libraries>] [PUBLIC <libraries>] [MAP <file>] [REQUIRES <pkg-config names>]):
# openkpu::<name> and openkpu::<name>_static out of the objects of rooms. USES are libraries that only the inside needs,
# PUBLIC those that its headers show; MAP says what the shared library exports.
function(kpu_install_library name)
  cmake_parse_arguments(ARG "" "DESCRIPTION;SOVERSION;INCLUDE;MAP;REQUIRES" "ROOMS;USES;PUBLIC" ${ARGN})
  set(objects)
  foreach(room ${ARG_ROOMS})
    list(APPEND objects $<TARGET_OBJECTS:${room}>)
  endforeach()
  foreach(kind SHARED STATIC)
    set(target openkpu_${name})
    set(export ${name})
    if(kind STREQUAL STATIC)
      set(target openkpu_${name}_static)
      set(export ${name}_static)
    endif()
    add_library(${target} ${kind} ${objects})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME openkpu_${name} EXPORT_NAME ${export}
      VERSION ${ARG_SOVERSION}.0.0 SOVERSION ${ARG_SOVERSION} LINKER_LANGUAGE CXX)
    target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}${ARG_INCLUDE}>)
    target_compile_features(${target} INTERFACE cxx_std_20)
    target_link_libraries(${target} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_USES})
    install(TARGETS ${target} EXPORT openkpu COMPONENT ${name}
      LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endforeach()
  if(ARG_MAP)
    target_link_options(openkpu_${name} PRIVATE LINKER:--version-script=${ARG_MAP})
    set_property(TARGET openkpu_${name} APPEND PROPERTY LINK_DEPENDS ${ARG_MAP})
  endif()
  file(CONFIGURE OUTPUT openkpu-${name}.pc @ONLY CONTENT [[
prefix=@CMAKE_INSTALL_PREFIX@
Name: openkpu-@name@
Description: @ARG_DESCRIPTION@
Version: @PROJECT_VERSION@
Cflags: -I${prefix}/@CMAKE_INSTALL_INCLUDEDIR@@ARG_INCLUDE@
Libs: -L${prefix}/@CMAKE_INSTALL_LIBDIR@ -lopenkpu_@name@
Requires: @ARG_REQUIRES@
]])
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/openkpu-${name}.pc COMPONENT ${name}
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

kpu_install_library(golden SOVERSION 0 INCLUDE /openkpu
  DESCRIPTION "Golden model of the Kendryte K210's KPU"
  ROOMS kpu_common kpu_golden_kpu kpu_golden_ops kpu_golden_kmodel kpu_golden_fast kpu_golden_quantised
  PUBLIC fmt::fmt Threads::Threads USES ${KPU_HWY_LIBRARY} ${KPU_ZIP_LIBRARY} REQUIRES fmt)
foreach(folder common golden)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} COMPONENT golden
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/openkpu FILES_MATCHING PATTERN "*.h" PATTERN "*-inl.h" EXCLUDE)
endforeach()

if(KPU_RTL)
  find_package(ZLIB REQUIRED)
  file(STRINGS ${PROJECT_SOURCE_DIR}/include/openkpu.h abi REGEX "#define OPENKPU_ABI_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+$" abi "${abi}")
  kpu_install_library(system SOVERSION ${abi}
    DESCRIPTION "The Kendryte K210's KPU in its system, simulated"
    ROOMS kpu_capi kpu_tb kpu_bus kpu_driver kpu_common kpu_rtl kpu_verilator_runtime
    MAP ${PROJECT_SOURCE_DIR}/capi/openkpu.map USES fmt::fmt ZLIB::ZLIB Threads::Threads ${KPU_LZ4_LIBRARY})
  install(FILES ${PROJECT_SOURCE_DIR}/include/openkpu.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT system)
endif()

set(destination ${CMAKE_INSTALL_LIBDIR}/cmake/openkpu)
install(EXPORT openkpu NAMESPACE openkpu:: DESTINATION ${destination} COMPONENT golden)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/openkpu-config-version.cmake
  COMPATIBILITY SameMinorVersion)
file(CONFIGURE OUTPUT openkpu-config.cmake @ONLY CONTENT [[
include(CMakeFindDependencyMacro)
find_dependency(fmt)
find_dependency(Threads)
find_dependency(ZLIB)
include(${CMAKE_CURRENT_LIST_DIR}/openkpu.cmake)
]])
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/openkpu-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/openkpu-config-version.cmake DESTINATION ${destination} COMPONENT golden)
