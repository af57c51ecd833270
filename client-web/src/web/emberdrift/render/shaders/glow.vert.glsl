#version 300 es
// One triangle that covers the picture.
precision highp float;
out vec2 v_place; // from the middle, 1 at the edges

void main() {
  v_place = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(v_place, 0.0, 1.0);
}
