#version 300 es
precision highp float;
in vec3 v_look;
out vec4 o_colour;

void main() {
  float shade = v_look.x;
  float edge = v_look.y;
  float lit = v_look.z;
  float width = fwidth(edge);
  vec3 rim = mix(vec3(0.16, 0.20, 0.42), vec3(0.46, 0.78, 1.0), lit * lit);
  float line = (1.0 - smoothstep(0.6, 1.7, abs(edge - 1.0) / max(width, 1e-4))) * (0.35 + 0.65 * lit);
  if (edge > 1.0) {
    float halo = max(0.0, 2.0 - edge);
    o_colour = vec4(rim * (line + halo * halo * halo * 0.22 * (0.2 + lit)), 0.0);
  } else {
    vec3 body = mix(vec3(0.022, 0.031, 0.070), vec3(0.190, 0.235, 0.390), shade * shade);
    body += vec3(0.06, 0.035, 0.02) * shade * shade * shade;
    float inner = smoothstep(0.45, 1.0, edge) * lit * 0.22;
    o_colour = vec4(body + rim * (line + inner), 1.0);
  }
}
