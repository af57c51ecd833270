#version 300 es
// Copies a part of the painted sky, pixel for pixel, and darkens it towards the corners of the picture. The noise is
// against bands: here, and in all the light that is added on top.
precision highp float;
precision highp int;
uniform lowp sampler2D u_painting;
uniform ivec2 u_corner; // of that part, in pixels
uniform vec2 u_middle;  // of the picture, in pixels
out vec4 o_colour;

void main() {
  vec3 sky = texelFetch(u_painting, ivec2(gl_FragCoord.xy) + u_corner, 0).rgb;
  vec2 apart = (gl_FragCoord.xy - u_middle) / u_middle;
  float far = dot(apart, apart) * 0.5;
  float grain = fract(52.9829189 * fract(dot(gl_FragCoord.yx, vec2(0.06711056, 0.00583715))));
  o_colour = vec4(sky * (1.0 - 0.62 * far) + (grain - 0.5) * (1.0 / 255.0), 1.0);
}
