import type { Words } from './words.js';

export const es419: Words = {
  description: 'Preste un poco de su conexión a personas cuyo internet está censurado.',
  ever: 'Personas en total',
  sent: 'Datos en total',
  pauseHour: 'Pausar una hora',
  resume: 'Seguir ahora',
  options: 'Opciones',
  language: 'Idioma',
  browserLanguage: 'Como el navegador',
  theme: 'Colores',
  themes: { auto: 'Como el sistema', light: 'Claros', dark: 'Oscuros' },
  saved: 'Guardado.',
  background:
    'Sigue mientras el navegador esté abierto, aunque no haya ninguna página. Su botón en la barra lo detiene.',
  thanks: 'Gracias. Está encendido. El botón de la barra muestra qué hace y lo detiene.',
  declined: 'Queda apagado y no se envió nada. Si cambia de idea, pulse su botón en la barra.',
  kept: [
    'Antes de que acepte no se contacta a nadie.',
    'Mientras ayuda, el servidor que reúne a las personas y el servidor de salida ven su dirección de internet y cuándo ayuda; las personas a las que ayuda ven su dirección. Ninguno de ellos sabe qué páginas visita.',
    'Usted no puede ver qué pasa por su conexión ni para quién es. La extensión no puede ver sus páginas, pestañas ni historial: no tiene permiso.',
    'Su navegador guarda lo que usted ajustó aquí, a cuántas personas ayudó y cuántos datos pasaron, y un número al azar por el que la red sabe que usted es el mismo ayudante de ayer. Al quitar la extensión se borra todo.',
  ],
  reasons: {
    pause: 'Usted lo puso en pausa.',
    update: 'Se está actualizando; luego sigue por sí solo.',
    'not-loaded':
      'No se pudo cargar una parte de la extensión. Lo intenta de nuevo por sí sola; si sigue así, vuelva a instalarla.',
    fault: 'Una parte de la extensión falló. Vuelve a empezar por sí sola.',
    version: 'Esta versión es demasiado vieja para la red. Sigue cuando su navegador la actualice.',
  },
};
