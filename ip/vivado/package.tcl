# SPDX-License-Identifier: Apache-2.0
#
# Packages `openkpu` as an IP core of Vivado's catalogue (IP-XACT, component.xml):
#   vivado -mode batch -source ip/vivado/package.tcl [-tclargs FOLDER]
# FOLDER (out/vivado if none is given) becomes the core: add it to ip_repo_paths of a project. Port names give the bus
# interfaces s_axi_ctrl, s_axi_ram, m_axi, the clock aclk and the reset aresetn; parameters are the core's.
set root [file normalize [file join [file dirname [info script]] .. ..]]
set folder [file join $root out vivado]
if {[info exists argc] && $argc > 0} { set folder [file normalize [lindex $argv 0]] }

# Files and include folders of the list that all tools read.
set files {}
set includes {}
set list [open [file join $root ip openkpu.f]]
foreach line [split [read $list] \n] {
  if {[regexp {^\+incdir\+(.+)$} $line -> path]} {
    lappend includes [file join $root $path]
  } elseif {$line ne "" && ![string match //* $line]} {
    lappend files [file join $root $line]
  }
}
close $list

create_project -force -part xc7a100tcsg324-1 openkpu_package [file join $folder project]
add_files -norecurse $files
foreach path $includes { add_files -norecurse [glob [file join $path *.svh]] }
set_property include_dirs $includes [current_fileset]
set_property top openkpu [current_fileset]
add_files -fileset constrs_1 -norecurse [file join $root ip openkpu.xdc]
set_property SCOPED_TO_REF openkpu [get_files openkpu.xdc]
update_compile_order -fileset sources_1

ipx::package_project -root_dir [file join $folder core] -vendor openkpu -library ip -taxonomy /UserIP -import_files
set core [ipx::current_core]
set_property name openkpu $core
set_property display_name "openkpu: neural-network accelerator" $core
set_property description "An open implementation of the Kendryte K210's KPU" $core
set_property supported_families {artix7 Beta kintex7 Beta zynq Beta zynquplus Beta} $core
ipx::create_xgui_files $core
ipx::update_checksums $core
ipx::save_core $core
close_project
puts "openkpu: packaged in [file join $folder core]"
