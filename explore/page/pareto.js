// SPDX-License-Identifier: Apache-2.0
// Cycles against each kind of area, and against energy.
const option = (select, value, text) => {
  const element = make('option', text);
  element.value = value;
  select.append(element);
};
option(find('#cycles-of'), '', 'all networks');
networks.forEach((name) => option(find('#cycles-of'), name, name));
varying.filter((name) => data.space.parameters[name].length > 1).forEach((name) => option(find('#colour-by'), name, name));

const cyclesOf = (point) => find('#cycles-of').value ? cyclesOn(point, find('#cycles-of').value) : relativeTo(point);
const colourOf = (point) => {
  const values = data.space.parameters[find('#colour-by').value].slice().sort((a, b) => a - b);
  const i = values.indexOf(point.parameters[find('#colour-by').value]);
  return i < 0 ? 'var(--chip)' : rampColour(i, values.length);
};
const plainFront = (some, x, y) => {
  const sorted = some.slice().sort((a, b) => x(a) - x(b) || y(a) - y(b)), line = [];
  sorted.forEach((point) => { if (!line.length || y(point) < y(line[line.length - 1])) line.push(point); });
  return line;
};
const shape = (point, x, y) => {
  if (point.role === 'base') {
    const star = Array.from({length: 10}, (_, i) => {
      const r = i % 2 ? 4 : 9, a = Math.PI * (i / 5 - 0.5);
      return `${x + r * Math.cos(a)},${y + r * Math.sin(a)}`;
    });
    return draw('polygon', {points: star.join(' ')});
  }
  if (point.role) return draw('polygon', {points: `${x},${y - 8} ${x + 8},${y} ${x},${y + 8} ${x - 8},${y}`});
  return draw('circle', {cx: x, cy: y, r: isBuilt(point) ? 5.5 : point.front ? 4.5 : 3.2});
};
const valueOf = (point, measure) => energies.includes(measure) ? energyOf(point, measure, find('#cycles-of').value) : (areaOf(point) || {})[measure];
const scatter = (measure) => {
  const all = find('#with-others').checked;
  const some = points.filter((point) => valueOf(point, measure) > 0 && (all || !point.against || point.role));
  if (!some.length) return;
  const cycleName = find('#cycles-of').value ? `cycles of ${find('#cycles-of').value}` : 'cycles, relative to the base';
  const value = (point) => valueOf(point, measure);
  const f = frame(570, 330, some.map(cyclesOf), some.map(value), cycleName, unit[measure]);
  const line = plainFront(some.filter((point) => !point.against), cyclesOf, value);
  f.svg.append(draw('polyline', {class: 'front', points: line.map((point) => `${f.x(cyclesOf(point))},${f.y(value(point))}`).join(' ')}));
  some.slice().sort((a, b) => Boolean(b.against) - Boolean(a.against) || a.front - b.front || isBuilt(a) - isBuilt(b) || Boolean(a.role) - Boolean(b.role)).forEach((point) => {
    const dot = shape(point, f.x(cyclesOf(point)), f.y(value(point)));
    dot.style.fill = colourOf(point);
    dot.style.opacity = point.against && !point.role ? 0.2 : point.front || point.role ? 1 : 0.45;
    dot.classList.add('dot');
    if (isBuilt(point)) dot.classList.add('built');
    f.svg.append(forPoint(dot, point));
  });
  find('#scatter').append(f.svg);
};
const fillScatter = () => {
  find('#scatter').replaceChildren();
  find('#colours').replaceChildren();
  const name = find('#colour-by').value, values = data.space.parameters[name].slice().sort((a, b) => a - b);
  values.forEach((value, i) => {
    const entry = make('span'), field = make('i');
    field.style.background = rampColour(i, values.length);
    entry.append(field, `${name} ${value}`);
    find('#colours').append(entry);
  });
  const others = points.filter((point) => point.role === 'compare').map((point) => point.name);
  find('#colours').append(make('span', `\u2605 ${base.name}, the base`));
  if (others.length) find('#colours').append(make('span', `\u25c6 ${others.join(', ')}`));
  [...areas, ...energies].forEach(scatter);
  if (!find('#scatter').children.length) find('#scatter').append(make('p', 'No area and no energy is known of any point.'));
};
['#cycles-of', '#colour-by', '#with-others'].forEach((selector) => find(selector).addEventListener('change', fillScatter));
fillScatter();

const withEnergy = points.filter((point) => point.energy !== null), without = points.find((point) => point.energy === null);
find('#energy-text').textContent = `Energy of a picture: ${[...new Set(data.energy.map((table) => `${table.node}, ${table.library}`))].join('; ')}. ` +
  `Events that the cycle model estimates, with typical data (${data.energy.map((table) => `${table.typical_ones} of a pixel's 8 bits are one, ${100 * table.typical_live} % of the windows live`)[0]}), times what each costs. ` +
  `What they cost was measured on the netlists of ${data.energy.map((table) => `${table.configuration} (a layer's cells at most ${table.worst_error} % off)`).join(' and ')}, and is taken for points that differ from one of them in the depth of memories only. ` +
  `Wires, clock tree and glitches are not in it; energy in memories is an assumption, and a plot of its own. ` +
  `${number(withEnergy.length)} of ${number(points.length)} points have energy` + (without ? `; the others have none, as ${shortName(without)}: ${without.energy_unknown}.` : '.');
