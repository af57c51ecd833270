#version 300 es
// Pieces of the atlas of names and marks, by pixels of the picture.
precision highp float;
layout(location = 0) in vec4 a_place;  // middle, half width, half height, in pixels from the top left
layout(location = 1) in vec4 a_piece;  // corner and size in the atlas, in texels
layout(location = 2) in float a_turn;  // radians, counter-clockwise
layout(location = 3) in vec4 a_colour; // rgb, strength
uniform vec2 u_size;                   // of the picture, in pixels
uniform sampler2D u_atlas;
out vec2 v_texel;
out vec4 v_colour;

void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 q = (corner * 2.0 - 1.0) * a_place.zw;
  vec2 along = vec2(cos(a_turn), -sin(a_turn));
  vec2 place = a_place.xy + vec2(along.x * q.x - along.y * q.y, along.y * q.x + along.x * q.y);
  gl_Position = vec4((place / u_size * 2.0 - 1.0) * vec2(1.0, -1.0), 0.0, 1.0);
  v_texel = (a_piece.xy + corner * a_piece.zw) / vec2(textureSize(u_atlas, 0));
  v_colour = a_colour;
}
