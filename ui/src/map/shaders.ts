// The WebGL2 programs. The forward projection repeats projection.ts; what costs is precomputed per vertex, so that the
// flat map needs no trigonometry for land and lines.

/** Uniforms and projection shared by all vertex shaders. */
const COMMON = `#version 300 es
precision highp float;
// uCentre: view longitude, middle meridian. uTurn: cosine and sine of the view's latitude, view's centre on the flat map.
// uScale: clip units per radius and offset. uMorph: 0 flat, 1 globe. uFar: 1 equidistant. uPixel: clip units per pixel.
uniform vec2 uCentre; uniform vec4 uTurn; uniform vec4 uScale; uniform float uMorph, uFar, uClip, uNow; uniform vec2 uPixel;
const float PI = 3.14159265;
float wrapAngle(float a) { return a - 2. * PI * floor((a + PI) / (2. * PI)); }
vec4 toClip(vec2 p) { return vec4(p * uScale.xy + uScale.zw, 0., 1.); }
vec2 stretched(vec3 g) {
  if (uFar <= 0.) return g.xy;
  float c = acos(clamp(g.z, -1., 1.));
  return g.xy * mix(1., c / max(sin(c), .002), uFar);
}
// Equal Earth as polynomials of the sine of the latitude; largest error 2e-5 of the radius.
vec2 flatMap(float delta, float s) {
  float u = s * s;
  float k = .861534 + u * (-.204578 + u * (-.077158 + u * (.070348 + u * (-.26778 + u * (.279991 - u * .151899)))));
  float y = s * (1.160713 + u * (.091461 + u * (.043128 + u * (-.061511 + u * (.189421 + u * (-.203151 + u * .097283))))));
  return vec2(delta * k, y) - uTurn.zw;
}
// A unit vector as seen from the view's centre: x right, y up, z towards the eye.
vec3 turned(vec3 p) {
  float c = cos(uCentre.x), s = sin(uCentre.x);
  vec3 q = vec3(p.x * c + p.y * s, p.y * c - p.x * s, p.z);
  return vec3(q.y, uTurn.x * q.z - uTurn.y * q.x, uTurn.y * q.z + uTurn.x * q.x);
}
`;

/** Land and lines: uShift brings a cell's longitudes to the right turn relative to the middle meridian. */
const STATIC = `
uniform float uShift;
vec3 projectStatic(vec3 f, vec3 unit, out float delta) {
  delta = f.x + uShift;
  vec3 g = vec3(0., 0., 1.);
  if (uMorph > 0.) { g = turned(unit); g.xy = stretched(g); }
  if (uMorph >= 1.) return g;
  return vec3(mix(vec2(delta * f.y, f.z) - uTurn.zw, g.xy, uMorph), g.z);
}
`;

/** A disc around the view's centre: aPoint is the angle from the centre and the bearing, radians. */
const SPHERE_VERTEX = `${COMMON}
layout(location=0) in vec2 aPoint; out float vZ;
void main() {
  vec3 g = vec3(sin(aPoint.x) * vec2(cos(aPoint.y), sin(aPoint.y)), cos(aPoint.x));
  vZ = g.z;
  gl_Position = toClip(stretched(g));
}`;

const SPHERE_FRAGMENT = `#version 300 es
precision highp float;
in float vZ; uniform float uMorph, uFar; uniform vec3 uInner, uOuter; out vec4 colour;
void main() {
  if (uFar <= 0. && vZ < 0.) discard;
  vec3 c = mix(uOuter, uInner, smoothstep(mix(0., -1., uFar), 1., vZ));
  float a = smoothstep(.4, .9, uMorph) * mix(1., .6, uFar);
  colour = vec4(c * a, a);
}`;

const LAND_VERTEX = `${COMMON}${STATIC}
layout(location=0) in vec3 aFlat; layout(location=1) in vec3 aUnit; layout(location=2) in uint aOwner;
out float vZ, vDelta; flat out uint vOwner;
void main() {
  vec3 p = projectStatic(aFlat, aUnit, vDelta);
  vZ = p.z; vOwner = aOwner; gl_Position = toClip(p.xy);
}`;

const LAND_FRAGMENT = `#version 300 es
precision highp float;
in float vZ, vDelta; flat in uint vOwner; uniform float uClip, uMorph, uFar, uCut, uShade;
uniform sampler2D uPalette;
out vec4 colour;
void main() {
  if (uMorph > 0. && vZ < uClip) discard;
  if (uCut > 0. && abs(vDelta) > 3.14159265) discard;
  vec3 c = texelFetch(uPalette, ivec2(int(vOwner), 0), 0).rgb;
  colour = vec4(c * (1. - uShade * (1. - smoothstep(0., .75, vZ)) * uMorph * (1. - uFar)), 1.);
}`;

const LINE_VERTEX = `${COMMON}${STATIC}
layout(location=0) in vec3 aFlat; layout(location=1) in vec3 aUnit; out float vZ, vDelta;
void main() { vec3 p = projectStatic(aFlat, aUnit, vDelta); vZ = p.z; gl_Position = toClip(p.xy); }`;

const LINE_FRAGMENT = `#version 300 es
precision highp float;
in float vZ, vDelta; uniform float uClip, uMorph, uFar, uCut; uniform vec4 uColour; out vec4 colour;
void main() {
  if (uMorph > 0. && vZ < uClip) discard;
  if (uCut > 0. && abs(vDelta) > 3.14159265) discard;
  colour = vec4(uColour.rgb, 1.) * uColour.a * mix(1., smoothstep(0., .35, vZ), uMorph * (1. - uFar));
}`;

/** One strip per arc. aStart, aNormal.xyz: see greatcircle.ts; aNormal.w: angle. aTimes: birth, death, width, strong. */
const ARC_VERTEX = `${COMMON}
layout(location=0) in vec3 aStart; layout(location=1) in vec4 aNormal; layout(location=2) in vec4 aColour;
layout(location=3) in vec4 aTimes; uniform float uSegments, uSecond;
out float vAlong, vSide, vDelta, vSeen, vHalf, vAge, vStrong; out vec4 vColour; flat out float vDead;
vec3 projectArc(vec3 p, float lift, float from, out float delta) {
  vec3 g = turned(p); g.xy = stretched(g);
  delta = 0.;
  float k = 1. + lift * (1. - uFar);
  if (uMorph >= 1.) return vec3(g.xy * k, g.z);
  // Longitude runs on from the start, so that no piece is stretched over the map's cut.
  delta = from + wrapAngle(atan(p.y, p.x) - uCentre.y - from);
  vec2 f = flatMap(delta, p.z);
  if (uMorph <= 0.) return vec3(f, 1.);
  return vec3(mix(f, g.xy * k, uMorph), g.z);
}
void main() {
  float i = float(gl_VertexID >> 1), side = (gl_VertexID & 1) == 0 ? -1. : 1.;
  float t = i / uSegments, other = i < uSegments ? t + 1. / uSegments : t - 1. / uSegments, w = aNormal.w;
  vec3 p = aStart * cos(t * w) + aNormal.xyz * sin(t * w);
  vec3 q = aStart * cos(other * w) + aNormal.xyz * sin(other * w);
  float from = 0., turn = 0.;
  if (uMorph < 1.) {
    from = wrapAngle(atan(aStart.y, aStart.x) - uCentre.y);
    vec3 end = aStart * cos(w) + aNormal.xyz * sin(w);
    float last = from + wrapAngle(atan(end.y, end.x) - uCentre.y - from);
    // The second pass draws what went over the edge, one turn back; arcs within the map are dropped there.
    if (uSecond > 0.) {
      if (abs(last) <= PI) { gl_Position = vec4(2., 2., 2., 1.); return; }
      turn = last > 0. ? -2. * PI : 2. * PI;
    }
  }
  float height = uMorph > 0. ? (.03 + .17 * w / PI * min(1., w * 2.5)) * uMorph : 0.;
  float d1, d2;
  vec3 a = projectArc(p, height * 4. * t * (1. - t), from, d1);
  vec3 b = projectArc(q, height * 4. * other * (1. - other), from, d2);
  if (turn != 0.) {
    a.xy += vec2(turn * flatMap(1., p.z).x + turn * uTurn.z, 0.) * (1. - uMorph);
    b.xy += vec2(turn * flatMap(1., q.z).x + turn * uTurn.z, 0.) * (1. - uMorph);
    d1 += turn;
  }
  vDelta = d1;
  vec2 d = (b.xy - a.xy) * (i < uSegments ? 1. : -1.);
  float len = length(d); d = len > 1e-7 ? d / len : vec2(1., 0.);
  float halfWidth = aTimes.z * .5 + .8;
  vec4 c = toClip(a.xy); c.xy += vec2(-d.y, d.x) * side * halfWidth * uPixel; gl_Position = c;
  float beyond = smoothstep(.995, 1.01, length(a.xy)) * step(.5, uMorph) * (1. - uFar);
  vSeen = uMorph > 0. ? max(smoothstep(-.02, .06, a.z - uClip), beyond) : 1.;
  vAlong = t; vSide = side; vHalf = halfWidth; vColour = aColour; vStrong = aTimes.w; vAge = uNow - aTimes.x;
  vDead = aTimes.y > 0. ? clamp((uNow - aTimes.y) / .7, 0., 1.) : 0.;
}`;

const ARC_FRAGMENT = `#version 300 es
precision highp float;
in float vAlong, vSide, vDelta, vSeen, vHalf, vAge, vStrong; in vec4 vColour; flat in float vDead;
uniform float uMorph, uDimmed, uMotion, uComets; out vec4 colour;
void main() {
  if (uMorph < 1. && abs(vDelta) > 3.14159265) discard;
  float edge = clamp((vHalf - abs(vSide) * vHalf) / 1.3, 0., 1.);
  float a = vColour.a * vSeen * edge * mix(.42, 1., smoothstep(0., .22, vAlong));
  if (uMotion > 0.) {
    if (vAlong > vAge / .9) discard;
    float head = vAge / 1.25, behind = (head - vAlong) / .16;
    float comet = uComets > 0. && behind > 0. && head < 1.25 ? exp(-behind * 2.2) : 0.;
    a = max(a, min(1., comet) * edge * vSeen);
  }
  a *= (1. - vDead) * mix(uDimmed, 1., vStrong);
  colour = vec4(vColour.rgb, 1.) * a;
}`;

/** Vertex and fragment source by program. */
export const SHADERS = {
  sphere: [SPHERE_VERTEX, SPHERE_FRAGMENT],
  land: [LAND_VERTEX, LAND_FRAGMENT],
  line: [LINE_VERTEX, LINE_FRAGMENT],
  arc: [ARC_VERTEX, ARC_FRAGMENT],
} as const;

/** Name of a program. */
export type ProgramName = keyof typeof SHADERS;
