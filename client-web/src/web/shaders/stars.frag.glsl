#version 300 es
precision mediump float;
in vec4 v_colour;
in float v_size;
out vec4 o_colour;

void main() {
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  float r2 = dot(p, p);
  float soft = max(0.0, 1.0 - r2);
  // Bright stars get a hard heart in a soft halo.
  float light = soft * soft * soft * mix(1.0, 0.45, step(3.0, v_size)) + smoothstep(0.16, 0.02, r2) * 0.7;
  o_colour = vec4(v_colour.rgb * (light * v_colour.a), 0.0);
}
