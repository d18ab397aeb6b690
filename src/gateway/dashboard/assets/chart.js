/** A line over time, drawn by uPlot in the colours of the page. */
import uPlot from '/dashboard/uplot.js';
import { h } from './dom.js';
import { size } from './format.js';

/** Points that are kept: at one every two seconds, ten minutes. */
const POINTS = 300;
const HEIGHT = 140;
/** Steps of bytes. */
const POWERS = Array.from({ length: 50 }, (_, i) => 2 ** i);

function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB');
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/**
 * @param series names of one or two lines
 * @param format a value as text
 * @returns `{element, push(values), redraw(), close()}`
 */
export function chart(title, series, format) {
  const canvas = h('div', { class: 'plot', role: 'img', 'aria-label': title });
  const legend =
    series.length > 1
      ? h(
          'span',
          { class: 'legend' },
          series.map((name) => h('span', {}, name)),
        )
      : null;
  const element = h('section', { class: 'panel chart' }, h('h2', {}, title, legend), canvas);
  const data = [[], ...series.map(() => [])];
  let plot;

  function draw() {
    plot?.destroy();
    const axis = {
      stroke: color('--soft'),
      grid: { stroke: color('--line'), width: 1 },
      ticks: { show: false },
      font: '11px sans-serif',
    };
    const options = {
      width: Math.max(canvas.clientWidth, 160),
      height: HEIGHT,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false } },
      scales: { y: { range: (_u, _low, high) => [0, high > 0 ? high * 1.15 : 1] } },
      axes: [
        { ...axis, space: 90, size: 24, values: (_u, ticks) => ticks.map(clock) },
        { ...axis, size: 68, values: (_u, ticks) => ticks.map(format), ...(format === size ? { incrs: POWERS } : {}) },
      ],
      series: [
        {},
        ...series.map((label, i) => ({
          label,
          stroke: color(`--series-${i + 1}`),
          width: 1.5,
          points: { show: false },
        })),
      ],
    };
    plot = new uPlot(options, data, canvas);
  }

  const resized = new ResizeObserver(() => plot?.setSize({ width: Math.max(canvas.clientWidth, 160), height: HEIGHT }));
  resized.observe(canvas);
  return {
    element,
    push(values) {
      data[0].push(Date.now() / 1000);
      values.forEach((value, i) => {
        data[i + 1].push(value);
      });
      if (data[0].length > POINTS) for (const column of data) column.shift();
      canvas.setAttribute(
        'aria-label',
        `${title}: ${series.map((name, i) => `${name} ${format(values[i])}`).join(', ')}`,
      );
      if (plot === undefined) draw();
      else plot.setData(data);
    },
    redraw: () => plot && draw(),
    close() {
      resized.disconnect();
      plot?.destroy();
    },
  };
}
