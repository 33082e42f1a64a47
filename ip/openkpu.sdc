# SPDX-License-Identifier: Apache-2.0
#
# Timing of the IP core `openkpu` inside a design, for tools that read SDC. The design defines the clock of aclk and
# its period; every path inside and on all ports is of that one clock. To be read with the instance's name:
#   set openkpu u_openkpu; source ip/openkpu.sdc
if {![info exists openkpu]} { set openkpu u_openkpu }

# aresetn is taken by two flip-flops, of which only the clear input is asynchronous. All other resets start at the
# second of them and are timed.
set_false_path -to [get_pins ${openkpu}/u_reset/release_q*/CLR*]
