// SPDX-License-Identifier: Apache-2.0
// What a step of each parameter changes.
(() => {
  const measures = ['cycles', 'lut', 'dsp', 'bram', 'ff', ...energies].filter((name) => data.marginal.some((step) => step.measures[name]));
  const grid = make('div', undefined, 'steps');
  grid.style.setProperty('--measures', measures.length);
  grid.append(make('span', 'step', 'head'), ...measures.map((name) => make('span', unit[name], 'head')));
  const largest = Math.max(0.05, ...data.marginal.flatMap((step) => Object.values(step.measures).map((m) => Math.abs(m.base ?? m.median))));
  // The square root keeps small changes visible beside those of several hundred percent.
  const reach = (x) => 38 * Math.sign(x) * Math.sqrt(Math.min(1, Math.abs(x) / largest));
  let last = '';
  data.marginal.forEach((step) => {
    if (step.parameter !== last) grid.append(make('span', step.parameter, 'part'));
    last = step.parameter;
    grid.append(make('span', `${number(step.from)} to ${number(step.to)}`));
    measures.forEach((name) => {
      const field = make('div', undefined, 'step'), m = step.measures[name];
      grid.append(field);
      if (!m) { field.append(make('span', 'not known', 'none')); return; }
      const value = m.base ?? m.median, small = Math.abs(value) < 0.0005;
      const span = make('u'), ends = [reach(m.least), reach(m.most)];
      span.style.left = `${50 + ends[0]}%`;
      span.style.width = `${Math.max(0.3, ends[1] - ends[0])}%`;
      const bar = make('i', undefined, value < 0 ? 'less' : 'more'), size = reach(value);
      bar.style.left = `${50 + Math.min(0, size)}%`;
      bar.style.width = `${Math.abs(size)}%`;
      const label = make('span', small ? '0.0 %' : percent(value), small ? 'none' : undefined);
      if (value < 0 && !small) label.style.left = '52%'; else label.style.right = '52%';
      if (!small) field.append(span, bar);
      field.append(make('s'), label);
      withTip(field, `${step.parameter} ${step.from} to ${step.to}: ${unit[name]}\n` +
        (m.base === null ? '' : `at the base ${percent(m.base, 2)}\n`) +
        `${step.pairs} pairs: median ${percent(m.median, 2)}, from ${percent(m.least, 2)} to ${percent(m.most, 2)}`);
    });
  });
  find('#steps').append(data.marginal.length ? grid : make('p', 'No two points differ in one parameter only.'));
})();
