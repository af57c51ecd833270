#version 300 es
precision mediump float;
uniform sampler2D u_atlas; // white ink in a dark halo, premultiplied
in highp vec2 v_texel;
in vec4 v_colour;
out vec4 o_colour;

void main() {
  o_colour = texture(u_atlas, v_texel) * vec4(v_colour.rgb, 1.0) * v_colour.a;
}
