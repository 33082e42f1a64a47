// SPDX-License-Identifier: Apache-2.0
// Both models against what they stand for: cycles against the RTL, areas against synthesis.
(() => {
  const cell = (text, name) => make('td', text, name);
  const runs = shown.filter(isBuilt);
  const errors = [];
  const table = make('table'), head = make('tr');
  head.append(make('th', 'point', 't'), ...networks.flatMap((name) => [make('th', `${name}: model`), make('th', 'RTL'), make('th', 'error'), make('th', 'bits', 't')]), make('th', 'build, processor s'));
  table.append(head);
  runs.forEach((point) => {
    const row = make('tr');
    row.append(forPoint(cell(shortName(point), 't'), point));
    networks.forEach((name) => {
      const run = point.built.networks[name];
      if (!run || !run.cycles) { row.append(cell(number(point.cycles[name])), cell(''), cell(''), cell(run ? run.verdict : '', 't mismatch')); return; }
      const error = point.cycles[name] / run.cycles - 1;
      errors.push({error, point, name});
      row.append(cell(number(point.cycles[name])), cell(number(run.cycles)), cell(percent(error, 2), Math.abs(error) > 0.05 ? 'large' : ''), cell(run.verdict, `t ${run.verdict === 'match' ? 'match' : 'mismatch'}`));
    });
    row.append(cell(point.built.build ? number(point.built.build.processor_seconds, 1) : ''));
    table.append(row);
  });
  const mean = (list) => list.reduce((sum, x) => sum + Math.abs(x), 0) / list.length;
  if (errors.length) {
    const worst = errors.reduce((a, b) => Math.abs(b.error) > Math.abs(a.error) ? b : a);
    find('#check-text').textContent = `${errors.length} runs on the RTL: the cycle model is ${number(100 * mean(errors.map((e) => e.error)), 2)} % off in the mean, ${percent(worst.error, 2)} at most (${shortName(worst.point)}, ${worst.name}).`;
    card(`${number(100 * mean(errors.map((e) => e.error)), 2)} %`, 'mean error of the cycle model against these runs');
    const wide = make('div', undefined, 'wide');
    wide.append(table);
    find('#cycle-errors').append(wide);
  } else {
    find('#check-text').textContent = data.built.length ? 'No run on the RTL has counted cycles.' :
      'This report is of the models alone; make explore builds the chosen points and puts the RTL beside them.';
  }

  const model = data.area_model;
  card(`${number(100 * model.errors.lut[0], 2)} %`, 'mean error of the area model (LUTs), shapes left out in turn');
  find('#area-text').textContent = `The model is fitted to ${model.shapes.length} synthesised shapes. Each dot is one of them, predicted by a fit without it; those with a ring are points of this space, predicted and synthesised. ` +
    areas.map((name) => `${unit[name]}: mean ${number(100 * model.errors[name][0], 2)} %, worst ${number(100 * model.errors[name][1], 2)} %`).join('; ') + '.';
  areas.forEach((name) => {
    const own = runs.filter((point) => point.area && point.built.area && point.built.area[name]).map((point) => ({x: point.built.area[name], y: point.area[name], point}));
    const dots = [...model.shapes.map((one) => ({x: one.synthesised[name], y: one.predicted[name], parameters: one.parameters})), ...own];
    const f = frame(270, 210, dots.map((dot) => dot.x), dots.map((dot) => 100 + 100 * (dot.y / dot.x - 1)), `${unit[name]}, synthesised`, 'predicted, % of it');
    if (f.y.low < 2 && f.y.high > 2) f.svg.append(draw('line', {class: 'front', x1: f.inside.left, x2: f.inside.right, y1: f.y(100), y2: f.y(100)}));
    dots.forEach((dot) => {
      const circle = draw('circle', {cx: f.x(dot.x), cy: f.y(100 * dot.y / dot.x), r: 4});
      circle.style.fill = 'var(--array)';
      if (dot.point) { circle.classList.add('built', 'dot'); circle.style.fill = 'var(--post)'; }
      const where = dot.point ? shortName(dot.point) : Object.entries(dot.parameters).map(([key, value]) => `${key} ${value}`).join(', ');
      f.svg.append(withTip(circle, `${where}\n${number(dot.y)} predicted, ${number(dot.x)} synthesised: ${percent(dot.y / dot.x - 1, 2)}`));
    });
    find('#area-errors').append(f.svg);
  });
})();
