// SPDX-License-Identifier: Apache-2.0
// A plot's frame: logarithmic axes with their ticks, and where a value lies.
const frame = (width, height, xs, ys, xName, yName, margin = {left: 58, right: 14, top: 10, bottom: 38}) => {
  const svg = draw('svg', {viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': `${yName} over ${xName}`});
  const scale = (values, from, to) => {
    const logs = values.filter((x) => x > 0).map(Math.log10);
    let low = Math.min(...logs), high = Math.max(...logs);
    const pad = Math.max(0.03, (high - low) * 0.05);
    low -= pad; high += pad;
    const place = (x) => from + (Math.log10(x) - low) / (high - low) * (to - from);
    place.low = low; place.high = high;
    return place;
  };
  const x = scale(xs, margin.left, width - margin.right), y = scale(ys, height - margin.bottom, margin.top);
  const ticks = (place, most) => {
    const all = [];
    for (let power = Math.floor(place.low); power <= Math.ceil(place.high); ++power) {
      [1, 1.2, 1.5, 2, 3, 5, 7].forEach((lead) => {
        const value = lead * 10 ** power, log = Math.log10(value);
        if (log >= place.low && log <= place.high) all.push([lead, value]);
      });
    }
    const sets = [[1, 1.2, 1.5, 2, 3, 5, 7], [1, 1.5, 2, 3, 5], [1, 2, 5], [1, 3], [1]];
    const set = sets.find((leads) => all.filter(([lead]) => leads.includes(lead)).length <= most) || [1];
    const found = all.filter(([lead]) => set.includes(lead)).map(([, value]) => value);
    if (found.length > 2) return found;
    // Less than an octave or so: equal steps.
    const first = 10 ** place.low, last = 10 ** place.high, raw = (last - first) / 4, power = 10 ** Math.floor(Math.log10(raw));
    const step = power * ([1, 2, 5, 10].find((lead) => lead * power >= raw) || 10), even = [];
    for (let value = Math.ceil(first / step) * step; value <= last; value += step) even.push(value);
    return even;
  };
  const text = (value) => value >= 1e6 ? `${Number((value / 1e6).toPrecision(4))} M` : value >= 1e4 ? `${Number((value / 1e3).toPrecision(4))} k` : `${Number(value.toPrecision(4))}`;
  ticks(x, 7).forEach((value) => {
    svg.append(draw('line', {class: 'rule', x1: x(value), x2: x(value), y1: margin.top, y2: height - margin.bottom}),
      draw('text', {x: x(value), y: height - margin.bottom + 14, 'text-anchor': 'middle'}, text(value)));
  });
  ticks(y, 8).forEach((value) => {
    svg.append(draw('line', {class: 'rule', x1: margin.left, x2: width - margin.right, y1: y(value), y2: y(value)}),
      draw('text', {x: margin.left - 6, y: y(value) + 4, 'text-anchor': 'end'}, text(value)));
  });
  svg.append(draw('text', {class: 'name', x: (margin.left + width - margin.right) / 2, y: height - 5, 'text-anchor': 'middle'}, xName),
    draw('text', {class: 'name', x: 0, y: 0, transform: `translate(12 ${(margin.top + height - margin.bottom) / 2}) rotate(-90)`, 'text-anchor': 'middle'}, yName));
  return {svg, x, y, inside: {left: margin.left, right: width - margin.right, top: margin.top, bottom: height - margin.bottom}};
};
// Colours of values in their order, told apart on white and on black.
const ramp = ['#3557b7', '#2c8fd0', '#22a39a', '#63ab3f', '#d3a21e', '#d96c2b', '#c23b3b', '#9c3a8e'];
const rampColour = (i, count) => ramp[count < 2 ? 1 : Math.round(i * (Math.min(ramp.length, Math.max(count, 3)) - 1) / (count - 1) * (ramp.length - 1) / (Math.min(ramp.length, Math.max(count, 3)) - 1))];
