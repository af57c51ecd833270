#version 300 es
// Deep space for slow machines: two faint lights that do not move, without a texture and without a look at a neighbour. The noise is
// against bands, which would be wide in so little light.
precision highp float;
uniform vec3 u_deep; // without light
in vec2 v_place;
out vec4 o_colour;

float light(vec2 at, float reach) {
  vec2 apart = (v_place - at) * reach;
  float near = max(0.0, 1.0 - dot(apart, apart));
  return near * near;
}

void main() {
  vec3 colour = u_deep + vec3(0.018, 0.062, 0.135) * light(vec2(-0.45, 0.30), 0.62) + vec3(0.085, 0.026, 0.092) * light(vec2(0.70, -0.55), 0.75);
  float grain = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
  o_colour = vec4(colour + (grain - 0.5) * (1.0 / 255.0), 1.0);
}
