#version 300 es
// A quad of light: moved, turned and tinted.
precision highp float;
layout(location = 0) in vec4 a_place;  // middle, half length, half width, in world units
layout(location = 1) in vec3 a_shape;  // turned by (radians), which shape, how white its bright parts
layout(location = 2) in vec4 a_colour; // rgb, strength
uniform vec4 u_view;
out vec3 v_place;
out vec4 v_colour;
flat out float v_white;

void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  vec2 along = vec2(cos(a_shape.x), sin(a_shape.x));
  vec2 q = corner * a_place.zw;
  vec2 place = a_place.xy + vec2(along.x * q.x - along.y * q.y, along.y * q.x + along.x * q.y);
  gl_Position = vec4((place - u_view.xy) * u_view.zw, 0.0, 1.0);
  v_place = vec3(corner * 0.5 + 0.5, a_shape.y);
  v_colour = a_colour;
  v_white = a_shape.z;
}
