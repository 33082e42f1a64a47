// SPDX-License-Identifier: Apache-2.0
`include "kpu_assert.svh"

/// A serial line as a processor on an AXI4 bus: packets of reads and writes, each with a checksum and an
/// answer. docs/board.md, "Packets".
///
/// A write is held back until its checksum has been found right, so that a disturbed packet writes nothing.
/// Words are accessed one by one (single beats): the line is slower by far. Bytes that arrive while a
/// request is served are dropped; a request that stops for `IdleCycles` is forgotten.
module kpu_uart_bridge #(
  /// Clock cycles of a bit on the line.
  parameter int unsigned ClksPerBit = 25,
  /// Cycles without a byte after which a packet counts as broken off.
  parameter int unsigned IdleCycles = 1 << 20
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        rx_i,
  output logic        tx_o,
  /// What a request for the state answers: interrupts and sizes of the system.
  input  logic [63:0] state_i,
  /// A request is being received or served.
  output logic        busy_o,
  /// A cycle of each byte or packet that was not right.
  output logic        error_o,
  // AXI4 master, one access at a time, no IDs
  output logic        m_axi_awvalid_o,
  input  logic        m_axi_awready_i,
  output logic        m_axi_wvalid_o,
  input  logic        m_axi_wready_i,
  output logic [63:0] m_axi_wdata_o,
  output logic [7:0]  m_axi_wstrb_o,
  input  logic        m_axi_bvalid_i,
  output logic        m_axi_bready_o,
  input  logic [1:0]  m_axi_bresp_i,
  output logic        m_axi_arvalid_o,
  input  logic        m_axi_arready_i,
  input  logic        m_axi_rvalid_i,
  output logic        m_axi_rready_o,
  input  logic [63:0] m_axi_rdata_i,
  input  logic [1:0]  m_axi_rresp_i,
  /// Of both address channels.
  output logic [31:0] m_axi_addr_o,
  output logic [2:0]  m_axi_size_o
);

  localparam int unsigned IdxW  = $clog2(kpu_uart_pkg::MaxWords);
  localparam int unsigned IdleW = $clog2(IdleCycles + 1);

  // ---- The line ----------------------------------------------------------------------------------
  logic       rx_valid, rx_error, tx_valid, tx_ready, tx_take;
  logic [7:0] rx_data, tx_data;

  kpu_uart_rx #(.ClksPerBit(ClksPerBit)) u_rx (
    .clk_i, .rst_ni, .rx_i, .valid_o(rx_valid), .data_o(rx_data), .error_o(rx_error)
  );
  kpu_uart_tx #(.ClksPerBit(ClksPerBit)) u_tx (
    .clk_i, .rst_ni, .valid_i(tx_valid), .ready_o(tx_ready), .data_i(tx_data), .tx_o
  );
  assign tx_take = tx_valid && tx_ready;

  // ---- State -------------------------------------------------------------------------------------
  typedef enum logic [3:0] {
    StHeader,    // waits for the six bytes of a header
    StData,      // waits for the words of a write
    StCheck,     // waits for the two bytes of the checksum
    StSkip,      // unknown operation: waits until the line rests
    StWord,      // reads the next word to write from the buffer
    StWrite,     // waits until address and data are taken
    StWritten,   // waits for the answer of the bus
    StFirst,     // sends the first byte of the answer
    StRead,      // waits until the address is taken
    StArrive,    // waits for the data
    StSendWord,  // sends eight bytes
    StStatus,    // sends the status byte
    StSendCrc    // sends the two bytes of the checksum
  } state_e;

  state_e           state_d, state_q;
  logic [2:0]       byte_d, byte_q;    // byte within header, word or checksum
  logic [IdxW-1:0]  word_d, word_q;    // word of the packet
  logic [7:0]       op_q, first_d, first_q;
  logic [IdxW-1:0]  last_q;            // index of the packet's last word
  logic [31:0]      addr_d, addr_q;
  logic [63:0]      shift_q;           // word that arrives or leaves, byte by byte
  logic [15:0]      rx_crc_q, tx_crc_q;
  logic             crc_bad_q, aw_done_d, aw_done_q, w_done_d, w_done_q;
  logic [1:0]       status_d, status_q;
  logic [IdleW-1:0] idle_q;
  logic             receiving, timeout, is_write, is_state, last_word;
  logic [63:0]      buffer_data;

  assign receiving = state_q == StHeader || state_q == StData || state_q == StCheck || state_q == StSkip;
  assign timeout   = idle_q == IdleW'(IdleCycles);
  assign is_write  = op_q[0];
  assign is_state  = op_q == kpu_uart_pkg::OpState;
  assign last_word = word_q == last_q;
  assign busy_o    = state_q != StHeader || byte_q != 3'd0;
  assign error_o   = rx_error || (state_q == StFirst && tx_take && first_q[6:5] == 2'b11);

  // Words of a write, until the checksum has come.
  kpu_ram_1r1w #(.Width(64), .Depth(kpu_uart_pkg::MaxWords)) u_buffer (
    .clk_i,
    .rd_en_i   (state_q == StWord),
    .rd_addr_i (word_q),
    .rd_data_o (buffer_data),
    .wr_en_i   (state_q == StData && rx_valid && byte_q == 3'd7),
    .wr_addr_i (word_q),
    .wr_data_i ({rx_data, shift_q[63:8]})
  );

  assign m_axi_awvalid_o = state_q == StWrite && !aw_done_q;
  assign m_axi_wvalid_o  = state_q == StWrite && !w_done_q;
  assign m_axi_bready_o  = state_q == StWritten;
  assign m_axi_arvalid_o = state_q == StRead;
  assign m_axi_rready_o  = state_q == StArrive;
  assign m_axi_wdata_o   = buffer_data;
  assign m_axi_addr_o    = addr_q;
  assign m_axi_size_o    = op_q[kpu_uart_pkg::FlagHalf] ? 3'd2 : 3'd3;
  assign m_axi_wstrb_o   = !op_q[kpu_uart_pkg::FlagHalf] ? 8'hFF : addr_q[2] ? 8'hF0 : 8'h0F;

  // ---- Bytes that leave --------------------------------------------------------------------------
  always_comb begin
    tx_valid = 1'b1;
    case (state_q)
      StFirst:    tx_data = first_q;
      StSendWord: tx_data = shift_q[7:0];
      StStatus:   tx_data = {6'd0, status_q};
      StSendCrc:  tx_data = byte_q[0] ? tx_crc_q[15:8] : tx_crc_q[7:0];
      default: begin
        tx_data  = 8'd0;
        tx_valid = 1'b0;
      end
    endcase
  end

  // ---- Next state --------------------------------------------------------------------------------
  always_comb begin
    state_d   = state_q;
    byte_d    = byte_q;
    word_d    = word_q;
    first_d   = first_q;
    addr_d    = addr_q;
    status_d  = status_q;
    aw_done_d = aw_done_q;
    w_done_d  = w_done_q;

    case (state_q)
      StHeader: begin
        word_d   = '0;
        status_d = 2'b00;
        if (rx_valid) begin
          byte_d  = byte_q + 3'd1;
          first_d = op_q | 8'h80;
          if (byte_q >= 3'd2) addr_d = {rx_data, addr_q[31:8]};
          if (byte_q == 3'd0 && !kpu_uart_pkg::is_operation(rx_data)) begin
            state_d = StSkip;
          end else if (byte_q == 3'(kpu_uart_pkg::HeaderBytes - 1)) begin
            byte_d  = 3'd0;
            state_d = is_write ? StData : StCheck;
          end
        end
      end

      StData: begin
        if (rx_valid) begin
          byte_d = byte_q + 3'd1;
          if (byte_q == 3'd7) begin
            word_d = word_q + IdxW'(1);
            if (last_word) begin
              word_d  = '0;
              state_d = StCheck;
            end
          end
        end
      end

      StCheck: begin
        if (rx_valid) begin
          byte_d = 3'd1;
          if (byte_q == 3'd1) begin
            byte_d  = 3'd0;
            state_d = is_write ? StWord : StFirst;
            if (crc_bad_q || rx_data != rx_crc_q[15:8]) begin
              first_d = kpu_uart_pkg::BadChecksum;
              state_d = StFirst;
            end
          end
        end
      end

      StSkip: begin
        byte_d  = 3'd0;
        first_d = kpu_uart_pkg::BadOperation;
        if (timeout) state_d = StFirst;
      end

      StWord: begin
        aw_done_d = 1'b0;
        w_done_d  = 1'b0;
        state_d   = StWrite;
      end

      StWrite: begin
        aw_done_d = aw_done_q || m_axi_awready_i;
        w_done_d  = w_done_q || m_axi_wready_i;
        if (aw_done_d && w_done_d) state_d = StWritten;
      end

      StWritten: begin
        if (m_axi_bvalid_i) begin
          if (status_q == 2'b00) status_d = m_axi_bresp_i;
          if (!op_q[kpu_uart_pkg::FlagFixed]) addr_d = addr_q + 32'd8;
          word_d  = word_q + IdxW'(1);
          state_d = last_word ? StFirst : StWord;
        end
      end

      StFirst: begin
        if (tx_take) begin
          if (first_q[6:5] == 2'b11) state_d = StSendCrc;
          else if (is_write)         state_d = StStatus;
          else if (is_state)         state_d = StSendWord;
          else                       state_d = StRead;
        end
      end

      StRead: begin
        if (m_axi_arready_i) state_d = StArrive;
      end

      StArrive: begin
        if (m_axi_rvalid_i) begin
          if (status_q == 2'b00) status_d = m_axi_rresp_i;
          if (!op_q[kpu_uart_pkg::FlagFixed]) addr_d = addr_q + 32'd8;
          state_d = StSendWord;
        end
      end

      StSendWord: begin
        if (tx_take) begin
          byte_d = byte_q + 3'd1;
          if (byte_q == 3'd7) begin
            word_d  = word_q + IdxW'(1);
            state_d = last_word ? StStatus : StRead;
          end
        end
      end

      StStatus: begin
        if (tx_take) state_d = StSendCrc;
      end

      StSendCrc: begin
        if (tx_take) begin
          byte_d = 3'd1;
          if (byte_q[0]) begin
            byte_d  = 3'd0;
            state_d = StHeader;
          end
        end
      end

      default: state_d = StHeader;
    endcase

    // Broken off.
    if (timeout && receiving && state_q != StSkip) begin
      byte_d  = 3'd0;
      state_d = StHeader;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StHeader;
      byte_q  <= 3'd0;
      idle_q  <= '0;
    end else begin
      state_q <= state_d;
      byte_q  <= byte_d;
      if (rx_valid || !receiving || !busy_o) idle_q <= '0;
      else if (!timeout)                     idle_q <= idle_q + IdleW'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    word_q    <= word_d;
    first_q   <= first_d;
    addr_q    <= addr_d;
    status_q  <= status_d;
    aw_done_q <= aw_done_d;
    w_done_q  <= w_done_d;

    if (state_q == StHeader && rx_valid) begin
      if (byte_q == 3'd0) op_q <= rx_data;
      if (byte_q == 3'd1) last_q <= is_state ? '0 : rx_data[IdxW-1:0];
    end
    if (state_q == StCheck && rx_valid) crc_bad_q <= rx_data != rx_crc_q[7:0];

    // The checksum stands while it is compared with what arrives.
    if (!busy_o && !rx_valid) begin
      rx_crc_q <= kpu_uart_pkg::CrcStart;
      tx_crc_q <= kpu_uart_pkg::CrcStart;
    end else if (rx_valid && (state_q == StHeader || state_q == StData)) begin
      rx_crc_q <= kpu_uart_pkg::crc_next(rx_crc_q, rx_data);
    end else if (tx_take && state_q != StSendCrc) begin
      tx_crc_q <= kpu_uart_pkg::crc_next(tx_crc_q, tx_data);
    end

    if (state_q == StData && rx_valid)          shift_q <= {rx_data, shift_q[63:8]};
    if (state_q == StArrive && m_axi_rvalid_i)  shift_q <= m_axi_rdata_i;
    if (state_q == StFirst && is_state)         shift_q <= state_i;
    if (state_q == StSendWord && tx_take)       shift_q <= {8'd0, shift_q[63:8]};
  end

  // ---- Assertions --------------------------------------------------------------------------------
  if (IdleCycles < 16 * ClksPerBit) begin : gen_check_idle
    $error("kpu_uart_bridge: IdleCycles must be longer than a byte");
  end
  `ASSERT(NoAccessWhileReceiving, !(receiving && (m_axi_awvalid_o || m_axi_wvalid_o || m_axi_arvalid_o)))
  `ASSERT_KEPT(AddressHeld, m_axi_arvalid_o && !m_axi_arready_i, m_axi_arvalid_o, m_axi_addr_o)

endmodule
