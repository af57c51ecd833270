#version 300 es
precision highp float;
in vec2 v_place;
uniform vec2 u_size;
uniform float u_pixels; // pixels a unit
uniform float u_time;
out vec4 o_colour;

// A line around zero, so many pixels wide, at a distance in units.
float line(float d, float width) {
  return 1.0 - smoothstep(width - 0.6, width + 0.6, abs(d) * u_pixels);
}

void main() {
  vec2 past = abs(v_place - u_size * 0.5) - u_size * 0.5;
  float d = max(past.x, past.y);
  if (past.x > 0.0 && past.y > 0.0) d = length(past);
  vec3 tint = vec3(0.26, 0.58, 1.0);
  float along = past.x > past.y ? v_place.y : v_place.x;

  // Something runs along the wall, now and then.
  float run = fract(along * (1.0 / 1400.0) - u_time * 0.16) - 0.5;
  float pulse = exp(-run * run * 260.0);
  float glow = 0.30 / (1.0 + d * d * (d > 0.0 ? 0.006 : 0.0024));
  float fade = d < 0.0 ? smoothstep(-90.0, -24.0, d) : 1.0;
  vec3 colour = tint * (glow * fade * (0.8 + 1.1 * pulse));

  // Posts stand in it, with a light each.
  float post = (fract(along * (1.0 / 128.0) + 0.5) - 0.5) * 128.0;
  float lamp = length(vec2(post, d));
  colour += vec3(0.62, 0.86, 1.0) * (exp(-lamp * lamp * 0.010) * 0.45 * fade);
  float edge = line(d, max(1.1, 1.1 * u_pixels));
  colour += mix(vec3(0.50, 0.80, 1.0), vec3(1.0), 0.35 + 0.65 * pulse) * edge;
  colour += vec3(1.0) * (1.0 - smoothstep(3.2, 3.2 + 1.5 / u_pixels, lamp));

  float cover = edge;
  if (d > 0.0) {
    // Out there: a second line, and a hatch that fades.
    float hatch = abs(fract((v_place.x + v_place.y) * (1.0 / 46.0)) - 0.5) * 46.0;
    colour += tint * line((hatch - 11.0) * 0.71, 0.7) * 0.17 * exp(-d * 0.010);
    colour += tint * line(d - 12.0, 0.7) * (0.30 + 0.5 * pulse);
    cover = max(cover, 0.78);
  }
  o_colour = vec4(colour, cover);
}
