#version 300 es
// Hulls as signed distances: crisp outlines at any size, and glow for free.
precision highp float;
in vec2 v_p;
in vec3 v_tint;
flat in vec4 v_look;
flat in float v_pixel;
flat in vec3 v_state; // nose (radians), health 0..1, glow 0..1
flat in vec4 v_hull[4]; // the upper half of the hull, two corners each, from the nose to the tail
out vec4 o_colour;

void edge(vec2 p, vec2 a, vec2 b, inout float d, inout float side) {
  vec2 e = b - a;
  vec2 w = p - a;
  vec2 q = w - e * clamp(dot(w, e) / max(dot(e, e), 1e-6), 0.0, 1.0);
  d = min(d, dot(q, q));
  bvec3 c = bvec3(p.y >= a.y, p.y < b.y, e.x * w.y > e.y * w.x);
  if (all(c) || all(not(c))) side = -side;
}

float hull(vec2 p) {
  float d = 1e9;
  float side = 1.0;
  edge(p, v_hull[0].xy, v_hull[0].zw, d, side);
  edge(p, v_hull[0].zw, v_hull[1].xy, d, side);
  edge(p, v_hull[1].xy, v_hull[1].zw, d, side);
  edge(p, v_hull[1].zw, v_hull[2].xy, d, side);
  edge(p, v_hull[2].xy, v_hull[2].zw, d, side);
  edge(p, v_hull[2].zw, v_hull[3].xy, d, side);
  edge(p, v_hull[3].xy, v_hull[3].zw, d, side);
  return side * sqrt(d);
}

const float TICKS = 16.0;

// A ring of ticks around a hurt ship, lit as far as it is whole, clockwise from the top.
vec3 health_ticks(float r, float health, float nose, vec3 tint) {
  float share = fract(0.25 - (atan(v_p.y, v_p.x) + nose) / 6.2831853);
  float tick = abs(fract(share * TICKS) - 0.5);
  float mark = smoothstep(0.40, 0.30, tick + abs(r - 1.6) * 2.2);
  float lit = floor(share * TICKS) + 0.5 <= health * TICKS ? 0.95 : 0.18;
  return mix(vec3(1.0, 0.36, 0.34), tint, step(0.35, health)) * (mark * lit);
}

void main() {
  float r = length(v_p);
  if (r > 1.9) discard;
  int kind = int(v_look.x);
  vec2 p = vec2(v_p.x, abs(v_p.y));
  float d = hull(p) - 0.03;
  if (kind >= 7) d = max(d, 0.40 - length(p));

  float own = v_look.w;
  float glow = exp(-max(d, 0.0) * 4.2) * mix(0.30, 0.46, own) * smoothstep(1.9, 1.1, r) * v_state.z;
  float inside = smoothstep(v_pixel * 0.7, -v_pixel * 0.7, d);
  float width = max(0.055, v_pixel * 0.85);
  float line = 1.0 - smoothstep(width - v_pixel * 0.5, width + v_pixel * 0.7, abs(d + width * 0.6));

  // Lit from within: dark body, brighter towards the outline and the nose.
  float near_edge = exp(d * 5.0);
  vec3 body = v_tint * (0.10 + 0.26 * near_edge + 0.10 * clamp(v_p.x, 0.0, 1.0));

  // The pattern tells colours apart without colour: plain, bars, chevrons, a spine.
  float mark = 0.0;
  int pattern = int(v_look.y);
  float soft = max(0.10, v_pixel * 1.5);
  if (pattern == 1) {
    mark = smoothstep(0.5 - soft, 0.5 + soft, abs(fract(p.x * 2.2) * 2.0 - 1.0));
  } else if (pattern == 2) {
    mark = smoothstep(0.5 - soft, 0.5 + soft, abs(fract(p.x * 1.7 + p.y * 1.7) * 2.0 - 1.0));
  } else if (pattern == 3) {
    mark = 1.0 - smoothstep(0.07, 0.07 + soft, p.y);
  }
  body += v_tint * mark * 0.30;

  // The own ship is the one with a white outline, and its colour around that.
  vec3 bright = mix(v_tint, vec3(1.0), 0.35 + 0.60 * own);
  // The heart of the ship.
  float heart = kind >= 7
    ? 1.0 - smoothstep(0.15, 0.15 + 2.0 * v_pixel, length(p))
    : 1.0 - smoothstep(0.10, 0.10 + 2.0 * v_pixel, length((p - vec2(0.16, 0.0)) * vec2(0.62, 1.0)));
  float contour = own * (1.0 - smoothstep(0.02, 0.02 + 1.2 * v_pixel, abs(d - 0.20)));
  vec3 colour = v_tint * max(glow, contour * 0.9) * (1.0 - inside) + body * inside;
  colour = mix(colour, bright, line);
  colour = mix(colour, mix(bright, vec3(1.0), 0.5), heart);
  float cover = max(max(inside * 0.94, line), heart);
  colour += (inside * 0.75 + glow) * v_look.z;
  if (v_state.y < 0.998) colour += health_ticks(r, v_state.y, v_state.x, v_tint) * smoothstep(0.5, 0.8, v_state.z);
  o_colour = vec4(colour, cover);
}
