#version 300 es
precision highp float;
layout(location = 0) in vec4 a_place;  // middle, nose (radians), radius
layout(location = 1) in vec4 a_look;   // hull 0..9, pattern 0..3, flash 0..1, own 0 or 1
layout(location = 2) in vec4 a_colour; // rgb, health
uniform vec4 u_view;
uniform float u_glow; // how much of the glow others have, 0 to 1
uniform float u_pixels;
out vec2 v_p;
out vec3 v_tint;
flat out vec4 v_look;
flat out float v_pixel;
flat out vec3 v_state; // nose, health, glow
flat out vec4 v_hull[4];

const float HULL = 1.34; // no hull reaches further than this many radii
const float REACH = 1.9; // the glow reaches this many

// The upper half of each hull, from the nose to the tail; the last corner repeats.
const int CORNERS = 8;
const vec2 HULLS[80] = vec2[80](
  // Scout: a dart
  vec2(1.16, 0.00), vec2(-0.84, 0.78), vec2(-0.46, 0.00), vec2(-0.46, 0.00),
  vec2(-0.46, 0.00), vec2(-0.46, 0.00), vec2(-0.46, 0.00), vec2(-0.46, 0.00),
  // Courier: slim, with a tail
  vec2(1.30, 0.00), vec2(0.10, 0.30), vec2(-0.20, 0.70), vec2(-0.90, 0.82),
  vec2(-0.60, 0.30), vec2(-0.60, 0.00), vec2(-0.60, 0.00), vec2(-0.60, 0.00),
  // Corsair: swept wings
  vec2(1.22, 0.00), vec2(0.30, 0.24), vec2(-0.30, 0.94), vec2(-0.96, 0.98),
  vec2(-0.56, 0.36), vec2(-0.86, 0.16), vec2(-0.62, 0.00), vec2(-0.62, 0.00),
  // Cruiser: forward-swept prongs
  vec2(0.86, 0.00), vec2(0.44, 0.22), vec2(0.34, 0.50), vec2(1.02, 0.80),
  vec2(-0.10, 1.08), vec2(-0.94, 0.64), vec2(-0.58, 0.26), vec2(-0.80, 0.00),
  // Warden: as broad as a shield
  vec2(0.96, 0.00), vec2(0.90, 0.40), vec2(0.50, 0.98), vec2(-0.40, 1.10),
  vec2(-0.96, 0.74), vec2(-0.60, 0.44), vec2(-0.84, 0.20), vec2(-0.84, 0.00),
  // Dreadnought: three blades on each side
  vec2(1.28, 0.00), vec2(0.52, 0.28), vec2(0.78, 0.74), vec2(0.02, 0.62),
  vec2(-0.12, 1.16), vec2(-0.98, 0.78), vec2(-0.66, 0.34), vec2(-0.98, 0.00),
  // Leviathan: horns and fins
  vec2(1.30, 0.00), vec2(0.98, 0.20), vec2(0.40, 0.44), vec2(0.56, 1.02),
  vec2(-0.30, 0.70), vec2(-0.62, 1.14), vec2(-1.06, 0.44), vec2(-0.90, 0.00),
  // Drones have a hole, which is cut for each pixel. A gatherer: a hexagon
  vec2(0.98, 0.00), vec2(0.98, 0.28), vec2(0.26, 0.96), vec2(-0.26, 0.96),
  vec2(-0.86, 0.42), vec2(-0.86, 0.16), vec2(-0.60, 0.00), vec2(-0.60, 0.00),
  // A hunter: claws
  vec2(0.62, 0.00), vec2(0.66, 0.46), vec2(1.14, 0.62), vec2(0.20, 1.04),
  vec2(-0.90, 0.90), vec2(-0.50, 0.40), vec2(-0.72, 0.00), vec2(-0.72, 0.00),
  // A coward: a drop
  vec2(0.74, 0.00), vec2(0.62, 0.42), vec2(0.24, 0.72), vec2(-0.24, 0.70),
  vec2(-0.66, 0.36), vec2(-1.20, 0.00), vec2(-1.20, 0.00), vec2(-1.20, 0.00)
);

void main() {
  float glow = max(u_glow, a_look.w);
  vec2 corner = (vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0) * mix(HULL, REACH, glow);
  vec2 along = vec2(cos(a_place.z), sin(a_place.z));
  vec2 q = corner * a_place.w;
  vec2 place = a_place.xy + vec2(along.x * q.x - along.y * q.y, along.y * q.x + along.x * q.y);
  gl_Position = vec4((place - u_view.xy) * u_view.zw, 0.0, 1.0);
  v_p = corner;
  v_tint = a_colour.rgb;
  v_look = a_look;
  v_state = vec3(a_place.z, a_colour.a, glow);
  v_pixel = 1.0 / max(1.0, a_place.w * u_pixels);
  int start = int(a_look.x) * CORNERS;
  for (int i = 0; i < 4; i++) v_hull[i] = vec4(HULLS[start + 2 * i], HULLS[start + 2 * i + 1]);
}
