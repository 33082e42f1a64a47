// SPDX-License-Identifier: Apache-2.0
#include "compiler/report/report.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace kpu::compiler {
namespace {

using Json = nlohmann::ordered_json;

/// Points of an activation's fit and of the function itself, in codes, for drawing.
Json fit_points(const KpuTables& tables, const Function& function, const Codes& out) {
  constexpr int kPoints = 120;
  const double low = tables.low, step = (tables.high - tables.low) / kPoints;
  Json x = Json::array(), wanted = Json::array(), got = Json::array();
  for (int i = 0; i <= kPoints; ++i) {
    const double at = low + i * step;
    const double code = function(static_cast<float>(at)) / double{out.scale} + out.zero;
    const auto norm = static_cast<std::int64_t>(std::floor(at * tables.units));
    x.push_back(at);
    wanted.push_back(std::clamp(code, 0., 255.));
    got.push_back(golden::activate(tables.act, norm, {}));
  }
  return {{"x", x}, {"function", wanted}, {"table", got}};
}

Json layer_json(const Compiled& compiled, std::size_t index,
                const std::vector<LayerCycles>& cycles) {
  const Quantised& network = compiled.network;
  const Node& node = network.graph.nodes[index];
  const Score& score = network.scores.at(index);
  const Codes& codes = network.codes[node.output][0];
  Json layer{{"node", node.name},
             {"operator", node.type},
             {"out", dims_text(network.graph.dims(node.output))},
             {"multiplications", multiplications(network.graph, node)},
             {"snr_db", score.snr_db},
             {"cosine", score.cosine},
             {"largest_error", score.largest_error},
             {"saturated", score.saturated},
             {"codes", network.as_codes[node.output]},
             {"scale", codes.scale},
             {"zero", codes.zero}};
  if (const auto check = network.checks.find(index); check != network.checks.end()) {
    layer["exact"] = check->second.exact;
    layer["for_every_input"] = check->second.claim;
    layer["codes_seen"] = check->second.codes;
    layer["codes_differing"] = check->second.differing;
    layer["largest_difference"] = check->second.largest;
  }
  const int number = compiled.emitted.node_layers[index];
  if (number < 0) return layer;  // runs on the CPU
  layer["kpu_layer"] = number;
  const KpuTables& tables = network.tables.at(index);
  const auto& function = std::get<Conv>(node.op).function;
  layer["norm_bits"] = tables.accumulator_bits;
  layer["function"] = function.text();
  layer["segments"] = tables.fit.segments.size();
  layer["fit_error"] = tables.fit.largest_error;
  layer["fit"] = fit_points(tables, function, codes);
  if (static_cast<std::size_t>(number) < cycles.size()) {
    layer["cycles"] = cycles[number].rtl;
    layer["k210_cycles"] = cycles[number].chip;
  }
  return layer;
}

constexpr const char* kHead = R"html(<!DOCTYPE html>
<!-- SPDX-License-Identifier: Apache-2.0 -->
<html lang="en"><head><meta charset="utf-8"><title>kpu compile</title><style>
body{font:14px sans-serif;margin:2em;max-width:1200px}table{border-collapse:collapse}
td,th{padding:2px 8px;text-align:right;border-bottom:1px solid #ddd}td.t,th.t{text-align:left}
.fits{display:flex;flex-wrap:wrap;gap:12px}.fits figure{margin:0}figcaption{font-size:12px;max-width:220px}
tr.bad td{background:#fdd}svg{background:#fafafa}</style></head><body><h1></h1><p id="sum"></p>
<h2>Layers</h2><table id="layers"></table><div id="given"></div><h2>Activation fits</h2>
<p>Codes over the argument: the function grey, the table of 16 segments red.</p><div class="fits"></div>
<h2>Memory</h2><p>Bytes upward, nodes of the file to the right.</p><div id="map"></div>
<script type="application/json" id="data">)html";

constexpr const char* kTail = R"html(</script><script>
const d=JSON.parse(document.getElementById('data').textContent),q=s=>document.querySelector(s);
const num=(x,n)=>x===undefined?'':Number(x).toFixed(n);
q('h1').textContent=d.name;
q('#sum').textContent=`${d.kpu_layers} KPU layers, ${num(d.multiplications/1e6,2)} MMAC, ${num(100*d.kpu_share,1)} % of them on the KPU; `+
`outputs ${num(d.output_snr_db,1)} dB to the float network; ranges: ${d.ranges}; weights of ${d.weight_bits} bits; ${d.ai_ram_lines} of 32768 lines of AI RAM, ${d.main_bytes} bytes of main memory`;
const cols=[['node','t'],['operator','t'],['out','t'],['kpu_layer'],['snr_db',1],['cosine',5],['largest_error',4],['saturated',5],['norm_bits'],['segments'],['fit_error',2],['cycles',0],['k210_cycles',0]];
const row=(tag,cells)=>{const tr=document.createElement('tr');cells.forEach(([text,cls])=>{const c=document.createElement(tag);c.textContent=text;if(cls==='t')c.className='t';tr.append(c)});return tr};
q('#layers').append(row('th',cols.map(([n,c])=>[n.replace('_',' '),c])));
const worst=[...d.layers].sort((a,b)=>a.snr_db-b.snr_db)[Math.min(2,d.layers.length-1)].snr_db;
d.layers.forEach(l=>{const tr=row('td',cols.map(([n,c])=>[typeof c==='number'?num(l[n],c):l[n]??'',c]));if(l.snr_db<=worst)tr.className='bad';q('#layers').append(tr)});
const given=d.layers.filter(l=>l.codes_seen!==undefined);
if(given.length){q('#given').innerHTML='<h2>Codes of the file</h2><p>Against the arithmetic of an engine for the quantised network.</p><table></table>';
const t=q('#given table');t.append(row('th',[['node','t'],['codes that differ'],['of'],['by up to'],['for every input','t']]));
given.forEach(l=>t.append(row('td',[[l.node,'t'],[l.codes_differing],[l.codes_seen],[l.largest_difference],[l.for_every_input||'not known','t']])))}
const svg=(w,h,body)=>`<svg width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">${body}</svg>`;
d.layers.filter(l=>l.fit).forEach(l=>{const f=l.fit,x0=f.x[0],x1=f.x[f.x.length-1];
const line=(ys,c)=>`<polyline fill="none" stroke="${c}" stroke-width="1.5" points="${ys.map((y,i)=>`${220*(f.x[i]-x0)/(x1-x0||1)},${130-y/2}`).join(' ')}"/>`;
const fig=document.createElement('figure');fig.innerHTML=svg(220,132,line(f.function,'#999')+line(f.table,'#c00'))+'<figcaption></figcaption>';
fig.lastChild.textContent=`${l.kpu_layer} ${l.node}: ${l.segments} segments, largest error ${num(l.fit_error,2)} codes`;q('.fits').append(fig)});
['AI RAM','main memory'].forEach((title,ai)=>{const m=d.map.filter(e=>e.ai_ram===(ai===0));if(!m.length)return;
const top=Math.max(...m.map(e=>e.start+e.bytes)),end=Math.max(...m.map(e=>e.last))+1,esc=s=>s.replace(/[&<>"]/g,c=>'&#'+c.charCodeAt(0)+';');
q('#map').insertAdjacentHTML('beforeend',`<h3>${title}: ${top} bytes</h3>`+svg(1000,240,m.map((e,i)=>`<rect x="${1000*e.first/end}" width="${1000*(e.last-e.first+1)/end}" y="${240-240*(e.start+e.bytes)/top}" height="${Math.max(1,240*e.bytes/top)}" fill="hsl(${i*67%360} 60% 70%)" stroke="#555" stroke-width=".5"><title>${esc(e.name)}: ${e.bytes} bytes at ${e.start}</title></rect>`).join('')))});
</script></body></html>
)html";

int weight_bits(const Compiled& compiled) {
  const auto& tables = compiled.network.tables;
  return tables.empty() || tables.begin()->second.eight_bit ? 8 : 16;
}

}  // namespace

std::string report_json(const Compiled& compiled, const std::vector<LayerCycles>& cycles,
                        const std::string& name) {
  const std::int64_t all = compiled.share.kpu + compiled.share.cpu;
  Json report{{"name", name},
              {"kpu_layers", compiled.network.tables.size()},
              {"multiplications", all},
              {"kpu_share", all > 0 ? double(compiled.share.kpu) / double(all) : 1.},
              {"output_snr_db", compiled.network.output_snr_db},
              {"weight_bits", weight_bits(compiled)},
              {"ranges", to_string(compiled.network.rule)},
              {"ai_ram_lines", compiled.emitted.ai_ram_lines},
              {"main_bytes", compiled.emitted.main_bytes},
              {"layers", Json::array()},
              {"map", Json::array()}};
  for (std::size_t i = 0; i < compiled.network.graph.nodes.size(); ++i) {
    report["layers"].push_back(layer_json(compiled, i, cycles));
  }
  for (const MapEntry& entry : compiled.emitted.map) {
    report["map"].push_back({{"name", entry.name},
                             {"ai_ram", entry.ai_ram},
                             {"start", entry.start},
                             {"bytes", entry.bytes},
                             {"first", entry.first},
                             {"last", entry.last}});
  }
  // Names come from the file: a broken character must not stop the report.
  return report.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::string report_html(const std::string& json) {
  std::string safe;  // nothing in it may end the script element
  for (char c : json) safe += c == '<' ? "\\u003c" : std::string(1, c);
  return kHead + safe + kTail;
}

}  // namespace kpu::compiler
