#version 300 es
// Deep space: a few looks into a small tiling cloud texture, and dust of stars too far away to move. Painted now and
// then only, so it may cost something.
precision highp float;
precision highp int;
precision highp sampler2D;
uniform sampler2D u_clouds; // r: broad clouds, g: wisps, b: other clouds
uniform vec2 u_drift;       // camera, already scaled down
in vec2 v_place;
out vec4 o_colour;

const float REPEAT = 5200.0;

// Three numbers from 0 to 1 that belong to a cell.
vec3 dice(ivec2 cell) {
  uvec3 h = uvec3(uint(cell.x + 32768), uint(cell.y + 32768), uint(cell.x ^ (cell.y << 5)) + 77u) * uvec3(1597334673u, 3812015801u, 2798796415u);
  h = (h.x ^ h.y ^ h.z) * uvec3(1597334673u, 3812015801u, 2798796415u);
  return vec3(h >> 8u) * (1.0 / 16777216.0);
}

// A star in one cell of three, most of them at the limit of what can be seen.
float dust(vec2 place, float side, float pixel) {
  vec2 at = place / side;
  vec3 roll = dice(ivec2(floor(at)));
  vec2 apart = (fract(at) - 0.2 - 0.6 * roll.xy) * side;
  float bright = max(0.0, roll.z - 0.66) * 2.9;
  return bright * bright * bright * (1.0 - smoothstep(0.3, 1.3, length(apart) / pixel));
}

void main() {
  vec2 at = v_place * (1.0 / REPEAT) + u_drift;
  vec2 bend = (texture(u_clouds, at * 0.8 + vec2(0.21, 0.63)).rb - 0.5) * 0.22;
  vec3 broad = texture(u_clouds, at + bend).rgb;
  vec3 fine = texture(u_clouds, at.yx * 2.7 + bend * 2.2 + vec2(0.37, 0.11)).rgb;

  float body = smoothstep(0.14, 0.95, broad.r * 0.72 + fine.r * 0.28);
  body *= sqrt(body);
  float wisps = fine.g * fine.g;
  float other = broad.b * broad.b;
  // Dust in front of the light.
  float lane = smoothstep(0.42, 0.78, fine.b * 0.6 + broad.g * 0.45) * smoothstep(0.1, 0.5, body + other);

  vec3 colour = vec3(0.009, 0.016, 0.043);
  colour += vec3(0.022, 0.088, 0.230) * body;
  colour += vec3(0.016, 0.160, 0.185) * body * wisps;
  colour += vec3(0.170, 0.045, 0.200) * other * broad.b * (0.25 + 0.9 * wisps);
  // Where something smoulders far away.
  colour += vec3(0.420, 0.140, 0.040) * pow(1.0 - broad.r, 2.0) * other * (0.2 + wisps);
  colour *= 1.0 - 0.5 * lane;

  float pixel = fwidth(v_place.x);
  vec2 place = v_place + u_drift * REPEAT;
  float stars = dust(place, 15.0, pixel) * 0.30 + dust(place + 7000.0, 44.0, pixel) * 0.55;
  colour += vec3(0.80, 0.88, 1.0) * stars * (0.55 + 1.6 * body) * (1.0 - 0.7 * lane);

  float grain = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
  o_colour = vec4(colour + (grain - 0.5) * (1.0 / 255.0), 1.0);
}
