#version 300 es
// The walls: four bands around the arena, from a little inside to far outside.
precision highp float;
uniform vec4 u_view;
uniform vec2 u_size; // of the arena
out vec2 v_place;

void main() {
  // Eight corners, inner and outer in turn, as a closed strip.
  int turn = (gl_VertexID / 2) % 4;
  bool outer = (gl_VertexID & 1) == 1;
  vec2 sign2 = vec2(turn == 1 || turn == 2 ? 1.0 : 0.0, turn >= 2 ? 1.0 : 0.0);
  vec2 corner = sign2 * u_size + (sign2 * 2.0 - 1.0) * (outer ? 6000.0 : -90.0);
  v_place = corner;
  gl_Position = vec4((corner - u_view.xy) * u_view.zw, 0.0, 1.0);
}
