#version 300 es
// Stars in layers: each wraps around within a tile larger than the picture, and moves by its own share.
precision highp float;
layout(location = 0) in vec4 a_star;   // place in the tile 0..1, depth 0..1 (1 is near), phase 0..1
layout(location = 1) in vec4 a_colour; // rgb, brightness
uniform vec2 u_camera;
uniform vec2 u_half;
uniform float u_pixels;                // pixels a unit
uniform float u_time;
out vec4 v_colour;
out float v_size;

void main() {
  vec2 tile = u_half * 2.2;
  float share = mix(0.04, 0.55, a_star.z * a_star.z);
  vec2 place = (fract(a_star.xy - u_camera * share / tile) - 0.5) * 2.2;
  gl_Position = vec4(place, 0.0, 1.0);
  float twinkle = 0.82 + 0.18 * sin(u_time * (0.6 + 2.0 * a_star.w) + a_star.w * 40.0);
  float bright = a_colour.a * a_colour.a;
  v_size = (1.5 + 3.2 * bright + 4.6 * bright * bright * bright) * clamp(u_pixels, 0.8, 3.0);
  gl_PointSize = v_size;
  v_colour = vec4(a_colour.rgb, a_colour.a * twinkle);
}
