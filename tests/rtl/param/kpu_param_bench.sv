// SPDX-License-Identifier: Apache-2.0

/// kpu_param for its unit test: the fields of the job as single ports, and a ring so small that it
/// fills up.
module kpu_param_bench #(
  parameter  int unsigned WeightRows = 64,
  parameter  int unsigned Overlap    = 0,
  localparam int unsigned RowAw      = $clog2(WeightRows)
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  // Job
  input  logic         job_valid_i,
  output logic         job_ready_o,
  input  logic         depthwise_i,
  input  logic         kernel3_i,
  input  logic         load_act_i,
  input  logic         eight_bit_i,
  input  logic         par_half_i,
  input  logic [9:0]   ic_m1_i,
  input  logic [9:0]   oc_m1_i,
  input  logic [4:0]   tile_oc_m1_i,
  input  logic [1:0]   grp_l2_i,
  input  logic [3:0]   shr_w_i,
  input  logic [23:0]  arg_w_i,
  input  logic [49:0]  arg_add_n_i,
  input  logic [31:0]  act_addr_i,
  input  logic [31:0]  bn_addr_i,
  input  logic [31:0]  w_addr_i,
  input  logic [16:0]  load_bytes_i,
  input  logic [9:0]   load_oc_m1_i,
  input  logic [14:0]  oc_bytes_i,
  input  logic [4:0]   burst_m1_i,
  output logic         job_done_o,
  output logic         job_err_o,
  output logic [1:0]   job_err_src_o,
  output logic [3:0]   fetch_bytes_o,
  // Activation table
  input  logic         act_want_i,
  input  logic         start_i,
  output logic         tables_ready_o,
  output logic         act_entry_valid_o,
  output logic [3:0]   act_idx_o,
  output logic [35:0]  act_key_o,
  output logic [35:0]  act_start_o,
  output logic [15:0]  act_mul_o,
  output logic [7:0]   act_shift_o,
  output logic [7:0]   act_bias_o,
  // Batch norm, weight terms; bank b's value at [64*b +: 64]
  input  logic         par_rd_en_i,
  input  logic [8:0]   par_rd_row_i,
  output logic [255:0] par_bn_o,
  output logic [255:0] par_k_o,
  // Weight ring
  input  logic         w_rd_en_i,
  input  logic [RowAw-1:0] w_rd_row_i,
  output logic [287:0] w_rd_data_o,
  output logic [287:0] w_rd_high_o,
  output logic [RowAw:0] w_wr_cnt_o,
  input  logic [RowAw:0] w_rd_cnt_i,
  // AXI4
  output logic         m_axi_arvalid_o,
  input  logic         m_axi_arready_i,
  output logic [31:0]  m_axi_araddr_o,
  output logic [7:0]   m_axi_arlen_o,
  output logic [2:0]   m_axi_arsize_o,
  output logic [1:0]   m_axi_arburst_o,
  input  logic         m_axi_rvalid_i,
  output logic         m_axi_rready_o,
  input  logic [63:0]  m_axi_rdata_i,
  input  logic [1:0]   m_axi_rresp_i,
  input  logic         m_axi_rlast_i
);

  kpu_pkg::param_job_t job;
  logic [4*kpu_pkg::BnW-1:0]    par_bn;
  logic [4*kpu_pkg::KTermW-1:0] par_k;

  always_comb begin
    job.kind.depthwise    = depthwise_i;
    job.kind.kernel3      = kernel3_i;
    job.kind.eight_bit    = eight_bit_i;
    job.grp_l2            = grp_l2_i;
    job.ic_m1             = ic_m1_i;
    job.par_half          = par_half_i;
    job.burst_m1          = burst_m1_i;
    job.tables.load_act   = load_act_i;
    job.tables.act_addr   = act_addr_i;
    job.tables.bn_addr    = bn_addr_i;
    job.tables.w_addr     = w_addr_i;
    job.tables.load_bytes = load_bytes_i;
    job.tables.load_oc_m1 = load_oc_m1_i;
    job.tables.oc_m1      = oc_m1_i;
    job.tables.tile_oc_m1 = tile_oc_m1_i;
    job.tables.oc_bytes   = oc_bytes_i;
    job.kterm.arg_w       = arg_w_i;
    job.kterm.shr_w       = shr_w_i;
    job.kterm.arg_add_n   = arg_add_n_i;
  end

  for (genvar b = 0; b < 4; b++) begin : gen_bank
    assign par_bn_o[64*b +: 64] = 64'(par_bn[b*kpu_pkg::BnW +: kpu_pkg::BnW]);
    assign par_k_o[64*b +: 64]  = 64'(signed'(par_k[b*kpu_pkg::KTermW +: kpu_pkg::KTermW]));
  end

  kpu_param #(.WeightRows(WeightRows), .Overlap(Overlap)) u_param (
    .job_i     (job),
    .par_rd_bank_i ('0),
    .par_bn_o  (par_bn),
    .par_k_o   (par_k),
    .act_entry_o ({act_idx_o, act_key_o, act_start_o, act_mul_o, act_shift_o, act_bias_o}),
    .*
  );

endmodule
