// SPDX-License-Identifier: Apache-2.0
// Cycles of every network on the points that were chosen.
(() => {
  const grid = make('div', undefined, 'columns');
  grid.style.gridTemplateColumns = `max-content repeat(${networks.length}, 1fr)`;
  grid.append(make('span', ''), ...networks.map((name) => make('span', `${name}, ${number(base.cycles[name])} cycles at the base`, 'head')));
  const ratio = (point, name) => rtlCycles(point, name) ? rtlCycles(point, name) / cyclesOn(base, name) : point.cycles[name] / base.cycles[name];
  const most = Math.max(1, ...shown.flatMap((point) => networks.map((name) => ratio(point, name))));
  shown.forEach((point) => {
    grid.append(forPoint(make('span', shortName(point), 'name'), point));
    networks.forEach((name) => {
      const column = make('div', undefined, 'column'), bar = make('i'), line = make('s');
      const run = point.built && point.built.networks[name], value = ratio(point, name);
      bar.style.width = `${100 * value / most}%`;
      bar.style.backgroundColor = run && run.verdict !== 'match' ? 'var(--bad)' : 'var(--array)';
      if (!run || !run.cycles) bar.classList.add('estimated');
      line.style.left = `${100 / most}%`;
      const track = make('div', undefined, 'track');
      track.append(bar, line);
      column.append(track, make('span', run && run.verdict !== 'match' ? run.verdict : number(value, 2)));
      withTip(column, `${shortName(point)}, ${name}: ${run && run.cycles ? `${number(run.cycles)} cycles, RTL, ${run.verdict}` : `${number(point.cycles[name])} cycles, model`}${run && run.error ? `\n${run.error}` : ''}`);
      grid.append(column);
    });
  });
  find('#network-bars').append(grid);
})();
