rtl/ip/kpu_reset_sync.sv
rtl/ip/kpu_axil_narrow.sv
rtl/ip/openkpu.v
