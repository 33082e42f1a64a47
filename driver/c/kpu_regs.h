/* SPDX-License-Identifier: Apache-2.0
 * Written by scripts/generate.py from registers/kpu_registers.json: change that, not this.
 *
 * Registers of the KPU, fields of its layer words, and why it refuses a layer, for C; docs/registers.md describes
 * them.
 */
/* clang-format off */
#ifndef KPU_REGS_H
#define KPU_REGS_H

/* Offsets in bytes; all registers are 64 bits wide */
#define KPU_REG_LAYER_ARGUMENT_FIFO 0x000u
#define KPU_REG_INTERRUPT_STATUS 0x008u
#define KPU_REG_INTERRUPT_RAW 0x010u
#define KPU_REG_INTERRUPT_MASK 0x018u
#define KPU_REG_INTERRUPT_CLEAR 0x020u
#define KPU_REG_FIFO_THRESHOLD 0x028u
#define KPU_REG_FIFO_DATA_OUT 0x030u
#define KPU_REG_FIFO_CTRL 0x038u
#define KPU_REG_EIGHT_BIT_MODE 0x040u
#define KPU_REG_ID 0x100u
#define KPU_REG_CONFIG 0x108u
#define KPU_REG_STATUS 0x110u
#define KPU_REG_LAYERS_DONE 0x118u
#define KPU_REG_UNIT_STATE 0x120u
#define KPU_REG_FIFO_LEVELS 0x128u
#define KPU_REG_LEFT_OUT 0x130u
#define KPU_REG_PERF 0x140u

#define KPU_INT_CALC_DONE 0x1u
#define KPU_INT_ALMOST_EMPTY 0x2u
#define KPU_INT_ALMOST_FULL 0x4u
#define KPU_INT_ALL 0x7u

#define KPU_STATUS_UNSUPPORTED 0x1u
#define KPU_STATUS_CONV_OVERFLOW 0x2u
#define KPU_STATUS_NORM_OVERFLOW 0x4u
#define KPU_STATUS_BUS_ERROR 0x8u
#define KPU_STATUS_LAYER_OVERFLOW 0x10u
#define KPU_STATUS_OUT_EMPTY_READ 0x20u
#define KPU_LEFT_OUT_POOL 0x1u
#define KPU_LEFT_OUT_STREAM_OUT 0x2u
#define KPU_LEFT_OUT_WEIGHTS16 0x4u
#define KPU_LEFT_OUT_PERF 0x8u
#define KPU_STATUS_ALL 0x3fu

#define KPU_FIFO_CTRL_RUN 0x1Fu
#define KPU_ID_VALUE 0x4B505531u
#define KPU_PERF_COUNTERS 16u

/* Fields of registers: low bit, bits */
#define KPU_CONFIG_LANES 0, 8
#define KPU_CONFIG_AI_LINES 8, 16
#define KPU_CONFIG_WEIGHT_ROWS 24, 16
#define KPU_CONFIG_POST_LANES 40, 8
#define KPU_CONFIG_LAYER_FIFO 48, 8
#define KPU_CONFIG_OUT_FIFO 56, 8
#define KPU_STATUS_REASON 8, 8
#define KPU_STATUS_BUS_ERROR_SOURCE 16, 2

/* Fields of the layer words: word, low bit, bits, what is taken off the value */
#define KPU_FIELD_INT_EN 0, 0, 1, 0
#define KPU_FIELD_RAM_FLAG 0, 1, 1, 0
#define KPU_FIELD_FULL_ADD 0, 2, 1, 0
#define KPU_FIELD_DEPTH_WISE_LAYER 0, 3, 1, 0
#define KPU_FIELD_IMAGE_SRC_ADDR 1, 0, 15, 0
#define KPU_FIELD_IMAGE_DST_ADDR 1, 32, 15, 0
#define KPU_FIELD_I_CH_NUM 2, 0, 10, 1
#define KPU_FIELD_O_CH_NUM 2, 32, 10, 1
#define KPU_FIELD_O_CH_NUM_COEF 2, 48, 10, 1
#define KPU_FIELD_I_ROW_WID 3, 0, 10, 1
#define KPU_FIELD_I_COL_HIGH 3, 10, 9, 1
#define KPU_FIELD_O_ROW_WID 3, 32, 10, 1
#define KPU_FIELD_O_COL_HIGH 3, 42, 9, 1
#define KPU_FIELD_KERNEL_TYPE 4, 0, 3, 0
#define KPU_FIELD_PAD_TYPE 4, 3, 1, 0
#define KPU_FIELD_POOL_TYPE 4, 4, 4, 0
#define KPU_FIELD_FIRST_STRIDE 4, 8, 1, 0
#define KPU_FIELD_BYPASS_CONV 4, 9, 1, 0
#define KPU_FIELD_LOAD_PARA 4, 10, 1, 0
#define KPU_FIELD_DMA_BURST_SIZE 4, 16, 8, 0
#define KPU_FIELD_PAD_VALUE 4, 24, 8, 0
#define KPU_FIELD_BWSX_BASE_ADDR 4, 32, 32, 0
#define KPU_FIELD_LOAD_COOR 5, 0, 1, 0
#define KPU_FIELD_LOAD_TIME 5, 1, 6, 1
#define KPU_FIELD_PARA_SIZE 5, 15, 17, 0
#define KPU_FIELD_PARA_START_ADDR 5, 32, 32, 0
#define KPU_FIELD_COEF_COLUMN_OFFSET 6, 0, 4, 0
#define KPU_FIELD_COEF_ROW_OFFSET 6, 4, 12, 0
#define KPU_FIELD_CHANNEL_SWITCH_ADDR 7, 0, 15, 0
#define KPU_FIELD_ROW_SWITCH_ADDR 7, 16, 4, 0
#define KPU_FIELD_COEF_SIZE 7, 20, 8, 0
#define KPU_FIELD_COEF_GROUP 7, 28, 3, 0
#define KPU_FIELD_LOAD_ACT 7, 31, 1, 0
#define KPU_FIELD_ACTIVE_ADDR 7, 32, 32, 0
#define KPU_FIELD_WB_CHANNEL_SWITCH_ADDR 8, 0, 15, 0
#define KPU_FIELD_WB_ROW_SWITCH_ADDR 8, 16, 4, 0
#define KPU_FIELD_WB_GROUP 8, 20, 3, 0
#define KPU_FIELD_SHR_W 9, 0, 4, 0
#define KPU_FIELD_SHR_X 9, 4, 4, 0
#define KPU_FIELD_ARG_W 9, 8, 24, 0
#define KPU_FIELD_ARG_X 9, 32, 24, 0
#define KPU_FIELD_ARG_ADD 10, 0, 40, 0
#define KPU_FIELD_SEND_DATA_OUT 11, 0, 1, 0
#define KPU_FIELD_CHANNEL_BYTE_NUM 11, 16, 16, 1
#define KPU_FIELD_DMA_TOTAL_BYTE 11, 32, 32, 1

/* Reasons of a refusal: X(code, fields, problem, expected) */
#define KPU_REASONS(X) \
  X(1, "kernel_type", "no such kernel", "0 (1x1) or 1 (3x3)") \
  X(2, "bypass_conv", "not supported", "0") \
  X(3, "coef_column_offset, coef_row_offset", "not supported", "0") \
  X(4, "pool_type", "no such pool", "0 to 9") \
  X(5, "first_stride, pool_type", "first_stride together with a pool", "one of them 0") \
  X(6, "coef_group, i_row_wid", "an input row is wider than its share of a line", "group 1, 2 up to 32 pixels, or 4 up to 16") \
  X(7, "wb_group, o_row_wid", "an output row is wider than its share of a line", "group 1, 2 up to 32 pixels, or 4 up to 16") \
  X(8, "i_row_wid, i_col_high, o_row_wid, o_col_high, pool_type, first_stride", "the output's size does not follow from the input's", "input size div the step of the pool") \
  X(9, "image_src_addr, i_ch_num, i_col_high, channel_switch_addr, row_switch_addr", "the input leaves AI RAM", "its last line inside") \
  X(10, "image_dst_addr, o_ch_num, o_col_high, wb_channel_switch_addr, wb_row_switch_addr", "the output leaves AI RAM", "its last line inside") \
  X(11, "load_time, o_ch_num_coef, o_ch_num", "the loads bring fewer output channels than the layer has", "load_time x o_ch_num_coef of at least o_ch_num") \
  X(12, "i_ch_num, kernel_type, depth_wise_layer", "the weights of one output channel (depthwise: of the layer) do not fit the weight ring", "fewer input channels, 8-bit weights, or a machine with more WeightRows") \
  X(13, "full_add", "not supported", "0") \
  X(14, "i_ch_num, o_ch_num", "depthwise with different numbers of channels", "equal numbers") \
  X(15, "load_coor, load_time", "several loads of weights that are kept", "load_time 1") \
  X(16, "pool_type, first_stride", "the machine has no pooling unit", "both 0, or a machine with Pool = 1") \
  X(17, "send_data_out", "the machine has no output stream", "0, or a machine with StreamOut = 1") \
  X(18, "para_size", "the machine has no 16-bit weights", "eight_bit_mode 1, or a machine with Weights16 = 1")

#endif
