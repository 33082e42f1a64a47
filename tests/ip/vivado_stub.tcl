# SPDX-License-Identifier: Apache-2.0
#
# Vivado's commands as ip/vivado/package.tcl uses them: each prints itself and its arguments, one list a line.
proc stub {name {result {}}} {
  proc ::$name args "puts \[concat CALL $name \$args\]; return {$result}"
}
namespace eval ipx {}
foreach name {create_project add_files set_property update_compile_order close_project
              ipx::package_project ipx::create_xgui_files ipx::update_checksums ipx::save_core} { stub $name }
stub current_fileset sources_1
stub get_files openkpu.xdc
stub ipx::current_core core
source ip/vivado/package.tcl
