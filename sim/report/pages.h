// SPDX-License-Identifier: Apache-2.0
//
// The files of page/, which travel inside the tool.
#pragma once

namespace kpu::sim {

/// page/run.html: "%REPORT%" stands where its data go.
const char* run_page();

}  // namespace kpu::sim
