#version 300 es
// Deep space: a few looks into a small tiling cloud texture, and a little noise against banding.
precision highp float;
precision highp sampler2D;
uniform sampler2D u_clouds; // r: broad clouds, g: wisps, b: other clouds
uniform vec2 u_drift;       // camera, already scaled down
in vec2 v_place;
out vec4 o_colour;

void main() {
  vec2 near = v_place * (1.0 / 5200.0) + u_drift;
  vec3 broad = texture(u_clouds, near).rgb;
  float wisps = texture(u_clouds, near.yx * 2.3 + vec2(0.37, 0.11) + u_drift).g;
  vec3 colour = vec3(0.010, 0.017, 0.042);
  float body = broad.r * broad.r;
  colour += vec3(0.022, 0.066, 0.165) * body;
  colour += vec3(0.110, 0.034, 0.130) * broad.b * broad.b * broad.b * (0.3 + wisps);
  colour += vec3(0.014, 0.100, 0.130) * wisps * body * broad.g;
  float grain = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
  o_colour = vec4(colour + (grain - 0.5) * (1.0 / 128.0), 1.0);
}
