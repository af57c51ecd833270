#version 300 es
precision highp float;
in vec2 v_p; // from the middle, in units
flat in vec2 v_half;
flat in vec4 v_joined;
flat in vec2 v_kind;
uniform float u_pixels; // pixels a unit
out vec4 o_colour;

const vec3 LIGHT = vec3(-0.52, 0.68, 0.52);

float hash(float n) { return fract(sin(n * 12.9898) * 43758.547); }

// Noise along a line, in straight pieces: -0.5 to 0.5.
float jag(float x) { return mix(hash(floor(x)), hash(floor(x) + 1.0), fract(x)) - 0.5; }

vec3 rim(float lit) { return mix(vec3(0.16, 0.20, 0.42), vec3(0.46, 0.78, 1.0), lit * lit); }

float lit(vec2 way) { return clamp(0.5 + 0.62 * dot(way, LIGHT.xy), 0.0, 1.0); }

vec4 around() {
  vec2 beyond = max(abs(v_p) - v_half, 0.0);
  float d = length(beyond);
  float side = lit(beyond * sign(v_p) / max(d, 1e-3));
  float halo = max(0.0, 1.0 - d / 17.0);
  vec2 shaded = abs(v_p - vec2(9.0, -12.0)) - v_half;
  float shadow = 1.0 - smoothstep(-4.0, 22.0, length(max(shaded, 0.0)) + min(max(shaded.x, shaded.y), 0.0));
  return vec4(rim(side) * halo * halo * halo * 0.24 * (0.2 + side), shadow * 0.62);
}

// A groove at distance d (signed, larger towards the light): dark, with a lit lip behind it.
float groove(float d, float width) {
  float soft = 1.0 / u_pixels;
  float dark = 1.0 - smoothstep(width - soft, width + soft, abs(d));
  float lip = (1.0 - smoothstep(0.0, 1.2 + soft, abs(d + width + 1.0)));
  return lip * 0.45 - dark;
}

void main() {
  if (v_kind.y < 0.5) {
    o_colour = around();
    return;
  }
  float seed = v_kind.x;
  // Distances from the four sides; one where another block goes on is far away.
  vec4 from = vec4(v_p.x + v_half.x, v_half.x - v_p.x, v_p.y + v_half.y, v_half.y - v_p.y) + v_joined * 1e4;
  vec2 near = vec2(min(from.x, from.y), min(from.z, from.w));
  vec2 way = vec2(from.x < from.y ? -1.0 : 1.0, from.z < from.w ? -1.0 : 1.0);
  // Every corner has lost a little.
  float lost = 3.0 + 6.0 * hash(seed + way.x + way.y * 2.0);
  float corner = (near.x + near.y - lost) * 0.7071;
  float edge = min(corner, min(near.x, near.y));
  vec2 normal = corner < min(near.x, near.y) ? way * 0.7071 : near.x < near.y ? vec2(way.x, 0.0) : vec2(0.0, way.y);
  float side = lit(normal);

  bool flat_way = v_half.x > v_half.y;
  float along = flat_way ? v_p.x : v_p.y;
  float across = flat_way ? v_p.y : v_p.x;
  vec2 size = flat_way ? v_half : v_half.yx;
  float towards = flat_way ? -1.0 : 1.0; // the light, along the slab

  // The bevel: broken off in chunks.
  float chunk = floor(dot(v_p, normal.yx * vec2(1.0, -1.0)) / 23.0) + dot(normal, vec2(31.0, 57.0)) + seed;
  float bevel = min(12.0, size.y * 0.34) * (0.72 + 0.5 * hash(chunk));
  float shade;
  float detail = 0.0;
  if (edge < bevel) {
    shade = 0.12 + 0.88 * dot(vec3(normal * 0.74, 0.67), LIGHT) + 0.10 * (hash(chunk + 0.5) - 0.5);
  } else {
    // The top: plates of different age, some grooves, some cracks.
    float plates = 54.0 + 26.0 * hash(seed + 0.3);
    float x = (along + size.x) / plates;
    shade = 0.42 + 0.17 * hash(floor(x) + seed) - 0.05 * smoothstep(0.0, 14.0, edge - bevel);
    float joint = (fract(x + 0.5) - 0.5) * plates;
    detail += groove(joint * towards, 0.9) * 0.75;
    float rail = abs(across) - size.y * 0.36;
    detail += groove(rail * (across * LIGHT.y > 0.0 ? -1.0 : 1.0), 0.6) * 0.35;
    if (size.x < size.y * 1.7) {
      // What is as wide as long is a pillar and bears a mark.
      vec2 mark = abs(v_p) - size.y * 0.42;
      float square = max(mark.x, mark.y);
      detail += groove(square, 1.2) * 0.9;
      float heart = abs(v_p.x) + abs(v_p.y) - size.y * 0.2;
      detail += (1.0 - smoothstep(0.0, 1.6, abs(heart))) * 0.5;
    }
    detail -= 1.0 - smoothstep(0.0, 1.6 + 1.0 / u_pixels, edge - bevel);
  }
  // Cracks go through bevels too.
  float cell = floor(along / 96.0 + seed);
  float h = hash(cell + seed * 3.0);
  if (h > 0.42) {
    float at = (fract(along / 96.0 + seed) - 0.3 - 0.4 * hash(cell)) * 96.0;
    float d = at - jag(across / 8.0 + cell * 17.0) * 15.0 - across * (h - 0.7) * 1.4;
    float reach = smoothstep(-0.2, 0.9, hash(cell + 0.7) * 1.3 - across * (hash(cell + 0.9) > 0.5 ? 1.0 : -1.0) / size.y);
    detail += groove(d * towards, 1.9 * reach) * reach;
  }
  shade = clamp(shade, 0.0, 1.0);
  vec3 body = mix(vec3(0.022, 0.031, 0.070), vec3(0.190, 0.235, 0.390), shade * shade);
  body += vec3(0.06, 0.035, 0.02) * shade * shade * shade;
  body *= 1.0 + detail * (detail < 0.0 ? 0.72 : 1.3);
  float line = (1.0 - smoothstep(0.6, 1.7, abs(edge) * u_pixels)) * (0.35 + 0.65 * side);
  float inner = exp(-max(edge, 0.0) / 7.0) * side * 0.24;
  float cover = smoothstep(-1.0, 0.0, edge * u_pixels);
  o_colour = vec4(body + rim(side) * (line + inner), 1.0) * cover;
}
