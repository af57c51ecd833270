#version 300 es
// One triangle that covers the layer.
precision highp float;
out vec2 v_p;

void main() {
  v_p = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(v_p, 0.0, 1.0);
}
