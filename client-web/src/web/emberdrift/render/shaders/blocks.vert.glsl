#version 300 es
// Pieces of wall: a quad for the light and shadow around each, and one for its body.
precision highp float;
layout(location = 0) in vec4 a_box;    // middle, half its size
layout(location = 1) in vec4 a_joined; // 1 where another goes on: left, right, below, above
layout(location = 2) in vec2 a_kind;   // seed, 1 for a body and 0 for what is around it
uniform vec4 u_view;
out vec2 v_p;
flat out vec2 v_half;
flat out vec4 v_joined;
flat out vec2 v_kind;

void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  v_p = corner * (a_box.zw + (a_kind.y > 0.5 ? 1.0 : 40.0));
  v_half = a_box.zw;
  v_joined = a_joined;
  v_kind = a_kind;
  gl_Position = vec4((a_box.xy + v_p - u_view.xy) * u_view.zw, 0.0, 1.0);
}
