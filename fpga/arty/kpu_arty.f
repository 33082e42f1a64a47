fpga/uart/kpu_uart_pkg.sv
fpga/uart/kpu_uart_rx.sv
fpga/uart/kpu_uart_tx.sv
fpga/uart/kpu_uart_bridge.sv
fpga/board/kpu_block_sram.sv
fpga/board/kpu_board.sv
fpga/arty/kpu_arty.sv
