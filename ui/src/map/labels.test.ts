// Names never lie over each other, over marks or outside of the free area; the most important come first.
import { describe, expect, it } from 'vitest';
import { Boxes, layoutLabels } from './labels';
import { Scene } from './scene';
import { cameraFor, placeAt, randomFrom } from './testing';

const INSETS = { left: 200, right: 100, top: 50, bottom: 60 };

function layout(count: number) {
  const random = randomFrom(2);
  const places = Array.from({ length: count }, (_, i) =>
    placeAt(`Place ${i}`, random() * 300 - 150, random() * 120 - 55, { count: 1 + Math.floor(random() ** 3 * 40) }),
  );
  const scene = new Scene(false);
  scene.setPlaces(places, 0);
  const camera = cameraFor();
  scene.update(camera, 0, INSETS, 0);
  const country = { code: 'BR', name: null, longitude: -53, latitude: -10, areaKm2: 8.5e6, polygons: [] };
  const labels = layoutLabels({
    marks: scene.marks,
    countries: [country],
    camera,
    insets: INSETS,
    zoom: 0,
    boxes: new Boxes(),
    inRow: false,
    countryName: () => 'BRAZIL',
    measure: (text) => text.length * 7,
  });
  return { labels, scene };
}

describe('layoutLabels', () => {
  it('keeps names apart and inside the free area', () => {
    const { labels } = layout(150);
    const boxes = labels.places.map(({ mark, dx, dy, textWidth, number }) => {
      const x = mark.x + dx;
      return { x0: x, x1: x + textWidth + 6 + number.length * 7, y0: mark.y + dy - 6, y1: mark.y + dy + 6 };
    });
    expect(boxes.length).toBeGreaterThan(10);
    for (const [i, a] of boxes.entries()) {
      expect(a.x0).toBeGreaterThanOrEqual(INSETS.left);
      expect(a.x1).toBeLessThanOrEqual(900);
      for (const b of boxes.slice(i + 1)) {
        expect(a.x0 < b.x1 && a.x1 > b.x0 && a.y0 < b.y1 && a.y1 > b.y0).toBe(false);
      }
    }
  });

  it('names the largest place and the country where there is room', () => {
    const { labels, scene } = layout(4);
    expect(labels.places.map((label) => label.mark)).toContain(scene.marks[0]);
    expect(labels.countries.map((label) => label.text)).toEqual(['BRAZIL']);
  });
});

it('finds free room across grid cells', () => {
  const boxes = new Boxes();
  boxes.add(-10, -10, 200, 20);
  expect(boxes.isFree(150, 10, 160, 30)).toBe(false);
  expect(boxes.isFree(201, 0, 260, 10)).toBe(true);
  expect(boxes.isFree(-300, -300, -200, -200)).toBe(true);
});
