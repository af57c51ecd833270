#version 300 es
precision mediump float;
in vec4 v_colour;
in float v_size; // in pixels
out vec4 o_colour;

void main() {
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  float r2 = dot(p, p);
  float soft = max(0.0, 1.0 - r2);
  soft *= soft * soft;
  // Bright stars get a hard heart in a soft halo, and the brightest four rays.
  float large = smoothstep(2.5, 6.0, v_size);
  float rays = max(0.0, 1.0 - abs(p.x * p.y) * 42.0) * soft * smoothstep(5.5, 9.0, v_size);
  float light = soft * mix(1.0, 0.30, large) + smoothstep(0.16, 0.02, r2) * 0.7 + rays * 0.4;
  o_colour = vec4(mix(v_colour.rgb, vec3(1.0), smoothstep(0.12, 0.0, r2)) * (light * v_colour.a * mix(1.0, 0.72, large)), 0.0);
}
