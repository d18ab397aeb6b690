/** geospatial.*: all searches are GEOSEARCH. */
import type { ReplyValue } from '../../../protocol/reply-reader.js';
import { toWord } from '../arguments.js';
import { Failure } from '../failure.js';
import { type JsonValue, toJson } from '../json-value.js';
import type { Word } from '../link.js';
import { count, items, type Operations, type Result, type Single, single } from './operation.js';
import { numberWord, objectOf, type Payload } from './payload.js';

const UNITS: Readonly<Record<string, string>> = {
  m: 'm',
  meters: 'm',
  km: 'km',
  kilometers: 'km',
  mi: 'mi',
  miles: 'mi',
  ft: 'ft',
  feet: 'ft',
};

function unitOf(value: unknown): string {
  const unit = UNITS[String(value).toLowerCase()];
  if (unit === undefined) throw Failure.argument('unit', 'one of m, km, mi, ft');
  return unit;
}

const unit = (p: Payload): string => unitOf(p.raw('unit') ?? 'm');

function locations(p: Payload): Word[] {
  const all = p.list('locations').map((one) => objectOf(one, 'locations'));
  if (all.length === 0) throw Failure.argument('locations', 'at least one');
  return all.flatMap(({ lat, lon, member }) => [
    numberWord(lon, 'locations.lon'),
    numberWord(lat, 'locations.lat'),
    toWord(member, 'locations.member'),
  ]);
}

/** What is told of each place, in the order in which the server tells it. */
const DETAILS = ['with_dist', 'with_hash', 'with_coord'];

function search(around: (p: Payload) => Word[]): Single {
  return single((p) => {
    const sort = p.has('sort') ? [p.choice('sort', ['ASC', 'DESC'])] : [];
    const details = DETAILS.filter((name) => p.flag(name)).map((name) => name.toUpperCase().replace('_', ''));
    return ['GEOSEARCH', p.word('key'), ...around(p), ...sort, ...p.option('COUNT', 'count'), ...details];
  }, places);
}

const radius = (p: Payload): Word[] => ['BYRADIUS', p.number('radius'), unit(p)];

function centre(p: Payload): Word[] {
  return ['FROMLONLAT', p.number(['center_lon', 'lon']), p.number(['center_lat', 'lat'])];
}

/** `from_member` or `from_lonlat`, `by_radius` or `by_box`. */
function origin(p: Payload): Word[] {
  if (p.has('from_member')) return ['FROMMEMBER', p.word('from_member')];
  const [lon, lat] = p.list('from_lonlat');
  return ['FROMLONLAT', numberWord(lon, 'from_lonlat'), numberWord(lat, 'from_lonlat')];
}

function shape(p: Payload): Word[] {
  if (p.has('by_radius')) {
    const [size, of] = p.list('by_radius');
    return ['BYRADIUS', numberWord(size, 'by_radius'), unitOf(of)];
  }
  const [width, height, of] = p.list('by_box');
  return ['BYBOX', numberWord(width, 'by_box'), numberWord(height, 'by_box'), unitOf(of)];
}

function coordinates(reply: ReplyValue): JsonValue {
  if (reply === null) return null;
  const [lon, lat] = items(reply).map((one) => Number(toJson(one)));
  return { lat, lon };
}

const places: Result = (reply, p) => {
  const [dist, hash, coord] = DETAILS.map((name) => p.flag(name));
  const results = items(reply).map((place): JsonValue => {
    if (!(dist || hash || coord)) return { member: toJson(place) };
    const told = [...items(place)];
    return {
      member: toJson(told.shift()!),
      ...(dist ? { distance: Number(toJson(told.shift()!)) } : {}),
      ...(hash ? { hash: toJson(told.shift()!) } : {}),
      ...(coord ? { coord: coordinates(told.shift()!) } : {}),
    };
  });
  return { results, ...p.echo('key') };
};

export const geospatialOperations: Operations = {
  'geospatial.geoadd': single((p) => {
    const flags = ['nx', 'xx', 'ch'].filter((name) => p.flag(name)).map((name) => name.toUpperCase());
    return ['GEOADD', p.word('key'), ...flags, ...locations(p)];
  }, count('added')),
  'geospatial.geodist': single(
    (p) => ['GEODIST', p.word('key'), p.word('member1'), p.word('member2'), unit(p)],
    (reply, p) => ({
      distance: reply === null ? null : Number(toJson(reply)),
      unit: unit(p),
      ...p.echo('key', 'member1', 'member2'),
    }),
  ),
  'geospatial.georadius': search((p) => [...centre(p), ...radius(p)]),
  'geospatial.georadiusbymember': search((p) => ['FROMMEMBER', p.word('member'), ...radius(p)]),
  'geospatial.geosearch': search((p) => [...origin(p), ...shape(p)]),
  'geospatial.geopos': single(
    (p) => ['GEOPOS', p.word('key'), ...p.words('members')],
    (reply, p) => ({ coordinates: items(reply).map(coordinates), ...p.echo('key') }),
  ),
  'geospatial.geohash': single(
    (p) => ['GEOHASH', p.word('key'), ...p.words('members')],
    (reply, p) => ({ geohashes: items(reply).map(toJson), ...p.echo('key') }),
  ),
};
