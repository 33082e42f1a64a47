// SPDX-License-Identifier: Apache-2.0
// All points as a table: sorted, searched, saved as CSV. And where the figures come from.
(() => {
  const columns = [['point', (p) => shortName(p), 't'], ...varying.map((name) => [name, (p) => p.parameters[name]]), ['cycles, of base', (p) => p.relative, '', 3],
    ...networks.flatMap((name) => [[name, (p) => p.cycles[name]], ...(data.built.length ? [[`${name} on RTL`, (p) => rtlCycles(p, name)]] : [])]),
    ...areas.map((name) => [unit[name], (p) => p.area ? p.area[name] : null]),
    ...energies.flatMap((measure) => [[unit[measure], (p) => p[measure], '', 1], ...(networks.length > 1 ? networks.map((name) => [`${name}: ${unit[measure]}`, (p) => energyOf(p, measure, name), '', 1]) : [])]),
    ['energy by', (p) => p.energy_table || 'no energy', 't'],
    ...(data.built.length ? areas.map((name) => [`${unit[name]}, synthesised`, (p) => p.built && p.built.area ? p.built.area[name] : null]) : []),
    ['front', (p) => p.front ? 'front' : '', 't'], ['RTL', (p) => ran(p) ? 'built, match' : isBuilt(p) ? 'built' : p.chosen ? 'chosen' : '', 't'], ['no candidate because', (p) => p.against, 't']];
  let sorted = columns.findIndex(([title]) => title === 'cycles, of base'), down = false, rows = points.slice();
  const words = (point) => `${point.name} ${varying.map((name) => `${name}=${point.parameters[name]}`).join(' ')} ${point.front ? 'front' : ''} ${isBuilt(point) ? 'built' : ''} ${point.role} ${point.against}`.toLowerCase().split(/[\s_]+/);
  const text = new Map(points.map((point) => [point, words(point)]));
  const matches = (point) => find('#search').value.toLowerCase().split(/\s+/).filter(Boolean)
    .every((word) => text.get(point).some((own) => word.includes('=') ? own === word : own.includes(word)));
  const fill = () => {
    const table = find('#points'), head = make('tr');
    columns.forEach(([title,, side], i) => {
      const th = make('th', title + (i === sorted ? (down ? ' \u25be' : ' \u25b4') : ''), `sorts ${side || ''}`);
      th.onclick = () => { down = sorted === i && !down; sorted = i; fill(); };
      head.append(th);
    });
    const value = columns[sorted][1];
    const empty = (x) => x === null || x === undefined || x === '';
    rows = points.filter(matches).sort((a, b) => {
      const x = value(a), y = value(b);
      if (empty(x) || empty(y)) return empty(x) - empty(y);
      return (x > y ? 1 : x < y ? -1 : a.id - b.id) * (down ? -1 : 1);
    });
    table.replaceChildren(head, ...rows.map((point) => {
      const row = make('tr', undefined, point.against ? 'other' : '');
      columns.forEach(([, get, side, digits]) => { const x = get(point); row.append(make('td', typeof x === 'number' ? number(x, digits || 0) : x ?? '', side)); });
      row.addEventListener('click', () => mark(point));
      row.classList.toggle('marked', point === marked);
      row.point = point;
      return row;
    }));
    find('#found').textContent = `${number(rows.length)} of ${number(points.length)}` + (data.all_points > points.length ? ` (the table.sqlite beside this page has all ${number(data.all_points)})` : '');
  };
  find('#search').addEventListener('input', fill);
  followers.push(() => find('#points').querySelectorAll('tr').forEach((row) => row.classList.toggle('marked', row.point === marked)));
  find('#csv').addEventListener('click', () => {
    const quoted = (x) => /[",\n]/.test(x) ? `"${String(x).replaceAll('"', '""')}"` : x;
    const lines = [columns.map(([title]) => quoted(title)), ...rows.map((point) => columns.map(([, get]) => quoted(get(point) ?? '')))].map((row) => row.join(','));
    const link = make('a');
    link.href = URL.createObjectURL(new Blob([lines.join('\n') + '\n'], {type: 'text/csv'}));
    link.download = `${data.space.name}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
  fill();

  const about = (name, value) => {
    const row = make('tr');
    row.append(make('td', name, 't'), make('td', value, 't'));
    find('#about').append(row);
  };
  Object.entries(data.about).forEach(([name, value]) => about(name, value || 'not there'));
  about('memory', `${data.space.memory.ReadLatency} cycles to the first word, ${data.space.memory.Bandwidth} % of the cycles with data`);
  about('fixed parameters', Object.entries(data.base.parameters).filter(([name]) => !varying.includes(name)).map(([name, value]) => `${name} ${value}`).join(', '));
  if (Object.keys(data.space.synthesis).length) about('areas are taken with', Object.entries(data.space.synthesis).map(([name, value]) => `${name} ${value}`).join(', '));
  if (Object.keys(data.space.limits).length) about('limits', Object.entries(data.space.limits).map(([name, value]) => `${name} up to ${value}`).join(', '));
  data.energy.forEach((table) => about(`energy of ${table.configuration}`, `measured on RTL ${table.rtl}, ${table.library}; a layer's cells at most ${table.worst_error} % off`));
  const commits = [...new Set(data.built.map((entry) => entry.build && `${entry.build.commit}, RTL ${entry.build.rtl}, ${entry.build.verilator}`).filter(Boolean))];
  commits.forEach((commit) => about('points built from', commit));
})();
