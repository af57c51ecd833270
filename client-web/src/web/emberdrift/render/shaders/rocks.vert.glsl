#version 300 es
// Rocks: faceted meshes in world units.
precision highp float;
layout(location = 0) in vec2 a_place;
layout(location = 1) in vec3 a_look; // shade of the facet 0..1, edge (0 inside, 1 on the outline, 2 outside), rim light 0..1
uniform vec4 u_view;                 // camera, one over half the picture
out vec3 v_look;

void main() {
  v_look = a_look;
  gl_Position = vec4((a_place - u_view.xy) * u_view.zw, 0.0, 1.0);
}
