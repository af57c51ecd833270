#version 300 es
// Copies a part of the painted sky, pixel for pixel.
precision highp float;
precision highp int;
uniform lowp sampler2D u_painting;
uniform ivec2 u_corner; // of that part, in pixels
out lowp vec4 o_colour;

void main() {
  o_colour = texelFetch(u_painting, ivec2(gl_FragCoord.xy) + u_corner, 0);
}
