#version 300 es
precision highp float;
in vec2 v_place;
uniform vec2 u_size;
uniform float u_pixels; // pixels a unit
uniform float u_time;
out vec4 o_colour;

void main() {
  vec2 past = abs(v_place - u_size * 0.5) - u_size * 0.5;
  float d = max(past.x, past.y);
  if (past.x > 0.0 && past.y > 0.0) d = length(past);
  vec3 tint = vec3(0.30, 0.62, 1.0);
  float line = 1.0 - smoothstep(0.7, 1.9, abs(d) * u_pixels);
  float glow = 0.34 / (1.0 + d * d * (d > 0.0 ? 0.004 : 0.0022));
  float fade = d < 0.0 ? smoothstep(-90.0, -30.0, d) : 1.0;
  float along = past.x > past.y ? v_place.y : v_place.x;
  float pulse = 0.80 + 0.20 * sin(along * 0.012 + u_time * 0.8);
  vec3 colour = tint * (glow * fade * pulse) + vec3(0.75, 0.92, 1.0) * line;
  float cover = 0.0;
  if (d > 0.0) {
    float hatch = abs(fract((v_place.x + v_place.y) * (1.0 / 46.0)) - 0.5) * 46.0;
    float stripe = 1.0 - smoothstep(0.0, 1.4, abs(hatch - 11.0) * u_pixels * 0.71);
    colour += tint * stripe * 0.10 * exp(-d * 0.006);
    cover = 0.72;
  }
  o_colour = vec4(colour, cover);
}
