// SPDX-License-Identifier: Apache-2.0
// What limits each layer of each chosen point, and the roofline of the marked one.
(() => {
  const causes = {array_busy: ['array at work', 'array'], wait_weights: ['weights', 'weights'], wait_reads: ['AI RAM reads', 'reads'],
    wait_post: ['post-processing', 'post'], wait_writeback: ['write-back', 'writeback'], wait_stream: ['output stream', 'stream'],
    startup: ['start-up', 'start'], drain: ['drain', 'drain']};
  const select = find('#layers-of');
  networks.forEach((name) => option(select, name, name));
  Object.values(causes).forEach(([meaning, colour]) => {
    const entry = make('span'), field = make('i');
    field.style.background = `var(--${colour})`;
    entry.append(field, meaning);
    find('#limiters').append(entry);
  });
  // Of a layer that waits for more than a twentieth of its cycles, what it waits for most; else the array.
  const limiter = (layer) => {
    const waits = Object.entries(layer.counters).filter(([name]) => causes[name] && name !== 'array_busy').sort((a, b) => b[1] - a[1])[0];
    return waits && waits[1] > 0.05 * layer.cycles ? waits : ['array_busy', layer.counters.array_busy || 0];
  };
  const kind = (shape) => shape.depthwise ? 'depthwise' : `${shape.kernel}x${shape.kernel}`;
  const entries = (name) => shown.map((point) => [point, data.layers[name].points.find((entry) => entry.point === point.id)]).filter(([, entry]) => entry);

  const fillHeat = () => {
    const name = select.value, shapes = data.layers[name].shapes, grid = make('div', undefined, 'rows');
    entries(name).forEach(([point, entry]) => {
      const strip = make('div', undefined, 'strip'), total = entry.layers.reduce((sum, layer) => sum + layer.cycles, 0);
      entry.layers.forEach((layer, i) => {
        const [cause, cycles] = limiter(layer), field = make('i');
        field.style.flex = `${find('#same-width').checked ? 1 : layer.cycles / total} 1 0`;
        field.style.background = `color-mix(in srgb, var(--${causes[cause][1]}) ${Math.round(25 + 75 * Math.min(1, cycles / layer.cycles))}%, var(--panel))`;
        const parts = Object.entries(layer.counters).filter(([key, value]) => causes[key] && value > 0)
          .map(([key, value]) => `  ${causes[key][0]}: ${number(value)} (${number(100 * value / layer.cycles, 1)} %)`);
        strip.append(withTip(field, `${shortName(point)}, layer ${i}: ${kind(shapes[i])} ${shapes[i].input} to ${shapes[i].output}\n${number(layer.cycles)} cycles by the ${entry.source === 'rtl' ? 'RTL' : 'model'}\n${parts.join('\n')}`));
      });
      grid.append(forPoint(make('span', shortName(point), 'name'), point), strip, make('span', `${number(total)}${entry.source === 'rtl' ? '' : ' (model)'}`, 'value'));
    });
    find('#heat').replaceChildren(grid);
  };

  const fillRoof = () => {
    const name = select.value, shapes = data.layers[name].shapes;
    const found = entries(name).find(([point]) => point === marked) || entries(name).find(([point]) => point === base) || entries(name)[0];
    find('#roofline').replaceChildren();
    if (!found) return;
    const [point, entry] = found, peak = 9 * point.parameters.Lanes, bus = 8 * data.space.memory.Bandwidth / 100;
    const dots = entry.layers.map((layer, i) => ({i, layer, x: shapes[i].macs / shapes[i].parameter_bytes, y: shapes[i].macs / layer.cycles})).filter((dot) => dot.x > 0 && dot.y > 0);
    const f = frame(720, 330, [...dots.map((dot) => dot.x), peak / bus], [...dots.map((dot) => dot.y), peak * 1.15], 'multiplications a byte of parameters', 'multiplications a cycle');
    const first = 10 ** f.x.low, knee = peak / bus, least = Math.max(first, 10 ** f.y.low / bus);
    f.svg.append(draw('polyline', {class: 'roofs', points: `${f.x(least)},${f.y(Math.min(peak, least * bus))} ${f.x(Math.max(least, knee))},${f.y(peak)} ${f.inside.right},${f.y(peak)}`}),
      draw('text', {x: f.inside.right, y: f.y(peak) - 5, 'text-anchor': 'end'}, `${peak} multipliers of ${shortName(point)}`));
    const most = Math.max(...dots.map((dot) => dot.layer.cycles));
    dots.sort((a, b) => b.layer.cycles - a.layer.cycles).forEach((dot) => {
      const [cause] = limiter(dot.layer), circle = draw('circle', {cx: f.x(dot.x), cy: f.y(dot.y), r: 3 + 9 * Math.sqrt(dot.layer.cycles / most)});
      circle.style.fill = `var(--${causes[cause][1]})`;
      circle.style.opacity = 0.75;
      f.svg.append(withTip(circle, `layer ${dot.i}: ${kind(shapes[dot.i])} ${shapes[dot.i].input} to ${shapes[dot.i].output}\n${number(dot.y, 1)} of ${peak} multiplications a cycle, ${number(dot.x, 1)} a byte\n${number(dot.layer.cycles)} cycles, ${causes[cause][0]}`));
    });
    find('#roofline').append(f.svg);
  };

  [select, find('#same-width')].forEach((input) => input.addEventListener('change', () => { fillHeat(); fillRoof(); }));
  followers.push(fillRoof);
  fillHeat();
  fillRoof();
})();
