# SPDX-License-Identifier: Apache-2.0
#
# Timing of the IP core `openkpu` for Vivado, scoped to the core: read_xdc -ref openkpu ip/openkpu.xdc, which the
# packaged core does by itself. The design defines the clock of aclk and its period.

# aresetn is taken by two flip-flops, of which only the clear input is asynchronous. All other resets start at the
# second of them and are timed.
set_false_path -to [get_pins {u_reset/release_q_reg[*]/CLR}]
