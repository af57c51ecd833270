#version 300 es
precision mediump float;
precision mediump sampler2DArray;
uniform sampler2DArray u_shapes; // r: light, g: how far it burns out
in vec3 v_place;                 // place in the shape, and which shape
in vec4 v_colour;
flat in float v_white;
out vec4 o_colour;

void main() {
  vec2 shape = texture(u_shapes, v_place).rg;
  o_colour = vec4(mix(v_colour.rgb, vec3(1.0, 0.96, 0.86), shape.g * v_white) * (shape.r * v_colour.a), 0.0);
}
