#version 300 es
// One triangle that covers the picture.
precision highp float;
uniform vec2 u_half;   // half of the picture, in world units
out vec2 v_place;      // from the middle of the picture, in world units

void main() {
  vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  v_place = corner * u_half;
  gl_Position = vec4(corner, 0.0, 1.0);
}
