// SPDX-License-Identifier: Apache-2.0
// Data, elements, numbers, the tip that follows the pointer, the point that is marked on the whole page.
const data = JSON.parse(document.getElementById('data').textContent);
const points = data.points, networks = data.networks;
const find = (selector) => document.querySelector(selector);
const make = (tag, text, name) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (name) element.className = name;
  return element;
};
const draw = (tag, attributes, text) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  if (text !== undefined) element.textContent = text;
  return element;
};
const number = (x, digits = 0) => x === null || x === undefined ? '' :
  Number(x).toLocaleString('en', {minimumFractionDigits: digits, maximumFractionDigits: digits});
const percent = (x, digits = 1) => `${x < 0 ? '\u2212' : '+'}${number(Math.abs(100 * x), digits)} %`;
const unit = {cycles: 'cycles', lut: 'LUTs', ff: 'flip-flops', dsp: 'multipliers', bram: 'block RAMs',
  energy: 'energy in cells, \u00b5J', memory_energy: 'energy in memories, assumed, \u00b5J'};
const areas = ['lut', 'dsp', 'bram', 'ff'], energies = ['energy', 'memory_energy'];

points.forEach((point) => { point.built = null; });
const byId = new Map(points.map((point) => [point.id, point]));
data.built.forEach((entry) => { const point = byId.get(entry.point); if (point) point.built = entry; });
const base = points.find((point) => point.role === 'base');
const isBuilt = (point) => point.built !== null;
const ran = (point) => isBuilt(point) && networks.every((name) => (point.built.networks[name] || {}).verdict === 'match');
const rtlCycles = (point, name) => point.built && point.built.networks[name] ? point.built.networks[name].cycles : null;
// Of the RTL where there is one, else of the models.
const areaOf = (point) => point.built && point.built.area && point.built.area.lut ? point.built.area : point.area;
// Microjoules of a picture, of one network or the mean of all; null where no table of energy is of the point.
const energyOf = (point, measure, network) => (network ? (point.energies[network] || {})[measure] : point[measure]) ?? null;
const cyclesOn = (point, name) => rtlCycles(point, name) || point.cycles[name];
const relativeTo = (point) => networks.every((name) => rtlCycles(point, name) && rtlCycles(base, name)) ?
  Math.exp(networks.reduce((sum, name) => sum + Math.log(rtlCycles(point, name) / rtlCycles(base, name)), 0) / networks.length) : point.relative;
const varying = Object.keys(data.space.parameters);
const shortName = (point) => point.role ? `${point.name} (${point.role === 'base' ? 'base' : 'compared'})` : point.name.replaceAll('_', ' ');
// Points that get a line of their own: those that are built, or would be.
const shown = points.filter((point) => point.chosen).sort((a, b) => a.relative - b.relative);

const describe = (point) => {
  const lines = [shortName(point), varying.map((name) => `${name} ${point.parameters[name]}`).join(', '),
    `cycles ${number(relativeTo(point), 3)} of the base`];
  networks.forEach((name) => {
    const run = point.built && point.built.networks[name];
    const cycles = run && run.cycles ? `${number(run.cycles)} (RTL, ${run.verdict})` : `${number(point.cycles[name])} (model)`;
    lines.push(`  ${name}: ${cycles}`);
  });
  const area = areaOf(point);
  if (area) lines.push(`${areas.map((name) => `${number(area[name])} ${unit[name]}`).join(', ')} (${area === point.area ? 'model' : 'synthesis'})`);
  else lines.push(`area not known: ${point.area_unknown}`);
  if (point.energy !== null) lines.push(`${number(point.energy, 1)} \u00b5J a picture in cells, ${number(point.memory_energy, 1)} in memories, assumed (${point.energy_table}'s events)`);
  else lines.push(`no energy: ${point.energy_unknown}`);
  if (point.against) lines.push(`no candidate: ${point.against}`);
  return lines.join('\n');
};

const tip = find('#tip');
const showTip = (event, text) => {
  tip.textContent = text;
  tip.hidden = false;
  const right = event.pageX + 16 + tip.offsetWidth > document.documentElement.clientWidth + window.scrollX;
  tip.style.left = `${right ? Math.max(4, event.pageX - 16 - tip.offsetWidth) : event.pageX + 16}px`;
  tip.style.top = `${event.pageY + 14}px`;
};
const withTip = (element, text) => {
  element.addEventListener('pointermove', (event) => showTip(event, typeof text === 'function' ? text() : text));
  element.addEventListener('pointerleave', () => { tip.hidden = true; });
  return element;
};

let marked = base;
const followers = [];  // called when another point is marked
const mark = (point) => { marked = point; followers.forEach((follow) => follow()); };
const forPoint = (element, point) => {
  element.addEventListener('click', () => mark(point));
  withTip(element, () => describe(point));
  followers.push(() => element.classList.toggle('marked', marked === point));
  element.classList.toggle('marked', marked === point);
  return element;
};

find('h1').textContent = data.space.description;
find('#subject').textContent = `Space ${data.space.name}: ${varying.map((name) => `${name} ${data.space.parameters[name].join(', ')}`).join('; ')}. Base: ${data.base.name}, ${data.base.description}.`;
const card = (value, what) => {
  const element = make('div', undefined, 'card');
  element.append(make('b', value), make('span', what));
  find('.cards').append(element);
};
const allRuns = data.built.flatMap((entry) => Object.values(entry.networks));
card(number(data.all_points), 'points estimated');
card(number(data.feasible), 'within the limits');
card(number(points.filter((point) => point.front).length), `on the front of ${data.space.objectives.join(', ')}`);
if (data.built.length) {
  card(number(data.built.length), 'built from the RTL');
  card(`${allRuns.filter((run) => run.verdict === 'match').length} of ${allRuns.length}`, 'network runs bit-exact on the RTL');
}
